import type { LookupAddress, LookupAllOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type Reach, reachOf } from '../../public-address.ts';

/** `dns.lookup`, as far as it is used here. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** A name led to none but addresses that must not be connected to. */
export class RefusedAddressError extends Error {
  override readonly name = 'RefusedAddressError';
}

/**
 * A `lookup` for sockets that leaves out addresses of any other reach. The socket connects to what it returned
 * and asks nobody again, so a name cannot lead elsewhere once it was checked (DNS rebinding).
 */
export const guardedLookup =
  (allowedReach: readonly Reach[], resolve: Resolve): LookupFunction =>
  (hostname, options, callback) =>
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '');
      const allowed = addresses.filter(({ address }) =>
        allowedReach.some((reach) => reach === reachOf(address)),
      );
      const [first] = allowed;
      if (first === undefined) return callback(new RefusedAddressError(), '');
      return options.all === true
        ? callback(null, allowed)
        : callback(null, first.address, first.family);
    });
