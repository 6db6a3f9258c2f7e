import { createHash, timingSafeEqual } from 'node:crypto';

/** What of a request says who asks. */
export interface Asking {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** The header Sec-Fetch-Site, which a page cannot forge. */
  readonly site: string | undefined;
  readonly cookie: string | undefined;
}

/** Where the console listens, and what those who may look at it know. */
export interface Door {
  readonly port: number;
  readonly token: string;
}

/** What becomes of a request. */
export type Admission =
  | { readonly admitted: true }
  /** The token is in the address: it becomes a cookie, and leaves the address. */
  | { readonly admitted: false; readonly status: 303; readonly location: string }
  | { readonly admitted: false; readonly status: 401 | 403 | 405; readonly why: string };

/** Cookies are shared by all ports of a host, so the name says whose it is. */
export const cookieName = ({ port }: Pick<Door, 'port'>): string => `callwire-${port}`;

/** In the same time whatever they are, so that nobody can feel their way to it. */
const isSame = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());

function cookieOf({ cookie = '' }: Asking, name: string): string {
  const pairs = cookie.split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
}

/**
 * Lets nobody in but who was given the address: no other site in the same browser, also not under a name
 * of its own that leads to this machine (DNS rebinding), and no other user of this machine.
 */
export function admit(asking: Asking, door: Door): Admission {
  const { method, host = '', origin, site } = asking;
  const refuse = (status: 401 | 403 | 405, why: string) =>
    ({ admitted: false, status, why }) as const;
  if (method !== 'GET' && method !== 'HEAD') return refuse(405, 'This page is for reading only.');
  const names = [`127.0.0.1:${door.port}`, `localhost:${door.port}`];
  if (!names.includes(host)) return refuse(403, 'This is not the address of the console.');
  if (origin !== undefined && origin !== `http://${host}`) {
    return refuse(403, 'Other pages may not read the console.');
  }
  const { pathname, searchParams } = new URL(asking.target, `http://${host}`);
  const token = searchParams.get('token');
  if (token !== null && isSame(token, door.token)) {
    searchParams.delete('token');
    const query = searchParams.toString();
    // One slash at its beginning: with two it would be another host.
    const path = pathname.replace(/^\/+/, '/');
    return { admitted: false, status: 303, location: query === '' ? path : `${path}?${query}` };
  }
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return refuse(403, 'Other pages may not read the console.');
  }
  return isSame(cookieOf(asking, cookieName(door)), door.token)
    ? { admitted: true }
    : refuse(401, 'Open the address that callwire printed: it holds the key to this page.');
}
