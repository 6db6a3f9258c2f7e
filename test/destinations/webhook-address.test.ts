import { describe, expect, it } from 'vitest';
import { webhook } from '../../lib/destinations/webhook/index.ts';

const problems = (over: Readonly<Record<string, unknown>>): string[] => {
  const settings = { id: 'hook', kind: 'webhook', secret: 'env:HOOK_SECRET', ...over };
  const parsed = webhook.settings.safeParse({ url: 'https://example.com/hook', ...settings });
  return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`);
};

describe('the address of a webhook', () => {
  it.each([
    'https://example.com/hook?tenant=1',
    'https://example.com:8443/',
    'https://1.1.1.1/hook',
    'https://[2606:4700::1111]/hook',
  ])('may be %s', (url) => expect(problems({ url })).toEqual([]));

  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://１２７.0.0.1/',
    'https://127.0.0.1./',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://localhost/',
    'https://LOCALHOST:8080/',
  ])('may not be on this machine, as %s is', (url) => {
    expect(problems({ url })).toEqual([expect.stringMatching(/^url is on this machine; write/)]);
    expect(problems({ url, allowLoopback: true })).toEqual([]);
  });

  it.each([
    'https://10.0.0.1/',
    'https://167772161/',
    'https://0x0a000001/',
    'https://012.0.0.1/',
    'https://192.168.1.1:8443/',
    'https://172.16.0.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://0xa9fea9fe/',
    'https://0/',
    'https://224.0.0.1/',
    'https://[::]/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://[ff02::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::a00:1]/',
    'https://[2002:7f00:1::]/',
  ])('may not be off the internet, as %s is, loopback allowed or not', (url) => {
    const refused = [expect.stringMatching(/^url is not on the internet; write/)];
    expect(problems({ url })).toEqual(refused);
    expect(problems({ url, allowLoopback: true })).toEqual(refused);
  });

  it.each([
    'http://example.com/hook',
    'http://1.1.1.1/',
    'http://10.0.0.1/',
    'http://localhost.example.com/',
  ])('may not be unencrypted, as %s is, loopback allowed or not', (url) => {
    const refused = ['url is not encrypted; write an address with https://'];
    expect(problems({ url })).toEqual(refused);
    expect(problems({ url, allowLoopback: true })).toEqual(refused);
  });

  it.each(['http://localhost:8080/', 'http://127.0.0.1:8080/', 'http://[::1]:8080/'])(
    'may be %s where loopback is allowed',
    (url) => expect(problems({ url, allowLoopback: true })).toEqual([]),
  );

  it.each([
    'https://user:password@example.com/',
    'https://token@example.com/',
    'https://:p@1.1.1.1/',
  ])('holds no name or password, as %s does', (url) => {
    const [problem, ...others] = problems({ url });
    expect(problem).toMatch(/^url holds a user name or password; leave it out/);
    expect(others).toEqual([]);
  });

  it.each([
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:6379/',
    'data:,x',
    'javascript:1',
    'example.com',
    '',
  ])('is a web address, as %j is not', (url) =>
    expect(problems({ url })).toEqual([expect.stringMatching(/^url is not a web address/)]),
  );

  it('is judged in baseUrl as well', () => {
    expect(problems({ baseUrl: 'http://127.0.0.1:8080/' })).toEqual([
      expect.stringMatching(/^baseUrl is on this machine/),
    ]);
    expect(problems({ baseUrl: 'https://10.0.0.1/' })).toEqual([
      expect.stringMatching(/^baseUrl is not on the internet/),
    ]);
  });
});
