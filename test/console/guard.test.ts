import { describe, expect, it } from 'vitest';
import { type Asking, admit, cookieName } from '../../lib/console/guard.ts';

const DOOR = { port: 8686, token: 'the-token' };

/** Asked by the page itself, unless said otherwise. */
const asked = (over: Partial<Asking> = {}) =>
  admit(
    {
      method: 'GET',
      target: '/api/calls',
      host: '127.0.0.1:8686',
      origin: undefined,
      site: 'same-origin',
      cookie: `other=1; ${cookieName(DOOR)}=the-token`,
      ...over,
    },
    DOOR,
  );

describe('the door of the console', () => {
  it('lets in who has the cookie, by either name of this machine', () => {
    expect(asked()).toEqual({ admitted: true });
    expect(asked({ host: 'localhost:8686', origin: 'http://localhost:8686' })).toEqual({
      admitted: true,
    });
    expect(asked({ method: 'HEAD', site: undefined })).toEqual({ admitted: true });
  });

  it('turns the token of the address into a cookie, and takes it out of the address', () => {
    const stranger = { cookie: undefined, site: 'none' };

    expect(asked({ ...stranger, target: '/?token=the-token' })).toMatchObject({
      status: 303,
      location: '/',
    });
    expect(asked({ ...stranger, target: '/calls?outcome=failed&token=the-token' })).toMatchObject({
      location: '/calls?outcome=failed',
    });
  });

  it('never leads to another host', () => {
    for (const target of ['//evil.example/?token=the-token', '/\\evil.example/?token=the-token']) {
      const admission = asked({ target });

      expect('location' in admission && admission.location).not.toMatch(/^\/[/\\]/);
    }
  });

  it.each<[why: string, over: Partial<Asking>, status: number]>([
    ['has no cookie', { cookie: undefined }, 401],
    ['has the cookie of another port', { cookie: 'callwire-9000=the-token' }, 401],
    ['guesses the token', { cookie: `${cookieName(DOOR)}=the-tokem` }, 401],
    ['guesses the token in the address', { cookie: undefined, target: '/?token=x' }, 401],
    ['comes by another name of this machine', { host: 'evil.example:8686' }, 403],
    ['names another port', { host: '127.0.0.1:80' }, 403],
    ['names no host', { host: undefined }, 403],
    ['is another page', { origin: 'http://evil.example' }, 403],
    ['is a page without an origin', { origin: 'null' }, 403],
    ['is asked by another site', { site: 'cross-site' }, 403],
    ['is asked by another port of this machine', { site: 'same-site' }, 403],
    ['wants to write', { method: 'POST' }, 405],
    ['asks what it may do', { method: 'OPTIONS' }, 405],
  ])('refuses who %s', (_why, over, status) => {
    expect(asked(over)).toMatchObject({ admitted: false, status });
  });
});
