import { describe, expect, it } from 'vitest';
import { reachOf } from '../lib/public-address.ts';

describe('the reach of an address', () => {
  it.each([
    '1.1.1.1',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '223.255.255.1',
  ])('of %s is the internet', (address) => expect(reachOf(address)).toBe('internet'));

  it.each(['2606:4700::1111', '2001:4860:4860::8888', '2a00:1450:4001:81b::200e'])(
    'of %s is the internet',
    (address) => expect(reachOf(address)).toBe('internet'),
  );

  it.each(['127.0.0.1', '127.255.255.254', '::1'])('of %s is this machine', (address) =>
    expect(reachOf(address)).toBe('machine'),
  );

  it.each([
    ['this network', '0.0.0.0'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['shared by a carrier', '100.64.0.1'],
    ['a cloud machine’s metadata', '169.254.169.254'],
    ['a cloud function’s own agent', '169.254.170.2'],
    ['assigned to protocols', '192.0.0.8'],
    ['for documentation', '203.0.113.9'],
    ['for benchmarks', '198.19.255.255'],
    ['multicast', '224.0.0.1'],
    ['multicast', '239.255.255.250'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['unspecified', '::'],
    ['unique local', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local, long gone', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['for documentation', '2001:db8::1'],
    ['for documentation', '3fff::1'],
    ['IPv4-mapped', '::ffff:127.0.0.1'],
    ['IPv4-mapped', '::ffff:a9fe:a9fe'],
    ['IPv4-mapped, though of the internet', '::ffff:1.1.1.1'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['NAT64 of a private one', '64:ff9b::a00:1'],
    ['local NAT64', '64:ff9b:1::1'],
    ['6to4 of a private one', '2002:a00:1::1'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['this machine, written in another way', '0:0:0:0:0:0:0:1'],
  ])('that is %s, %s, is neither', (_what, address) => expect(reachOf(address)).toBe('special'));

  it.each(['', 'localhost', 'example.com', '127.1', '0x7f000001', '2130706433', '[::1]'])(
    'of %j is not known, because it is no address',
    (text) => expect(reachOf(text)).toBeUndefined(),
  );
});
