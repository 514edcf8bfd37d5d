/** Which addresses a capture may reach. Judges the address itself, never the way it was spelt. */
import ipaddr from 'ipaddr.js';
import { ConfigError } from '../base/errors.ts';

/** Whether this IPv4 or IPv6 address, in any textual form, may be connected to. */
export type AddressPolicy = (address: string) => boolean;

type Range = [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

/** Unicast by the registries, yet served inside networks: Azure's host agent. */
const alsoPrivate: Range[] = [ipaddr.parseCIDR('168.63.129.16/32')];

/** All IPv6 that IANA has given out for the public internet (RFC 4291 2.4, RFC 3587). */
const globalUnicast: Range = ipaddr.parseCIDR('2000::/3');

/**
 * Public unicast only, plus the ranges that the operator opened. An IPv4-mapped address
 * is judged as the IPv4 address that it leads to.
 * @throws ConfigError for a range that isn't one
 */
export function addressPolicy(allowPrivate: string[]): AddressPolicy {
  const opened = allowPrivate.map(parseRange);
  return (text) => {
    const address = plainAddress(text);
    if (address === null) return false;
    return within(address, opened) || isPublicUnicast(address);
  };
}

function isPublicUnicast(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast' || within(address, alsoPrivate)) return false;
  return address.kind() === 'ipv4' || within(address, [globalUnicast]);
}

/** The address without IPv4-in-IPv6 clothing; null when the text is no address (or has a zone). */
function plainAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (text.includes('%') || !ipaddr.isValid(text)) return null;
  return ipaddr.process(text);
}

function within(address: ipaddr.IPv4 | ipaddr.IPv6, ranges: Range[]): boolean {
  return ranges.some(
    ([network, bits]) =>
      network.kind() === address.kind() && address.match([network, bits] as never),
  );
}

function parseRange(text: string): Range {
  const cidr = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
  if (!ipaddr.isValidCIDR(cidr)) {
    throw new ConfigError([`HOLDFAST_ALLOW_PRIVATE: ${text} is not a range such as 10.0.0.0/8`]);
  }
  return ipaddr.parseCIDR(cidr);
}
