import { BlockList, isIP } from 'node:net';

/**
 * IPv4 that no host on the internet has, from
 * https://www.iana.org/assignments/iana-ipv4-special-registry: "this" network, private, shared
 * (carriers), loopback, link-local (a cloud's metadata), protocol assignments, documentation, former
 * 6to4 relays, benchmarks, multicast, reserved and broadcast.
 */
const SPECIAL_IPV4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const;

/** All of IPv6 that is given to hosts on the internet: https://www.iana.org/assignments/ipv6-unicast-address-assignments */
const GLOBAL_IPV6 = ['2000::', 3] as const;

/**
 * What is special within it, from https://www.iana.org/assignments/iana-ipv6-special-registry:
 * protocol assignments with Teredo, documentation, and 6to4, which hides an IPv4 address.
 */
const SPECIAL_IPV6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const;

const globalIpv6 = new BlockList();
globalIpv6.addSubnet(...GLOBAL_IPV6, 'ipv6');

const special = new BlockList();
for (const [network, prefix] of SPECIAL_IPV4) special.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of SPECIAL_IPV6) special.addSubnet(network, prefix, 'ipv6');

/** Who an address leads to: a host on the internet, this machine, or neither. */
export type Reach = 'internet' | 'machine' | 'special';

/**
 * Whom an IP address reaches; undefined for what is no address. Addresses that carry another one
 * (IPv4-mapped, NAT64, 6to4) are special, whatever they carry.
 */
export function reachOf(address: string): Reach | undefined {
  switch (isIP(address)) {
    case 4:
      if (address.startsWith('127.')) return 'machine';
      return special.check(address, 'ipv4') ? 'special' : 'internet';
    case 6:
      if (address === '::1') return 'machine';
      return globalIpv6.check(address, 'ipv6') && !special.check(address, 'ipv6')
        ? 'internet'
        : 'special';
    default:
      return undefined;
  }
}
