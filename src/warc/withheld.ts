/** Headers that would let a reader act as the logged-in account: kept, but not in the public part. */
import type { HeaderLine } from './header-lines.ts';

/** Lower case. Standard carriers of secrets, and the tokens that large sites send beside them. */
const secretHeaders = new Set([
  'cookie',
  'cookie2',
  'set-cookie',
  'set-cookie2',
  'authorization',
  'proxy-authorization',
  'authentication-info',
  'proxy-authentication-info',
  'x-csrf-token',
  'x-xsrf-token',
  'x-guest-token',
  'x-api-key',
  'x-auth-token',
  'x-access-token',
]);

export interface SortedHeaders {
  open: HeaderLine[];
  withheld: HeaderLine[];
}

/** Sets secrets aside when `withhold` is on; order within each half stays. */
export function sortOut(headers: HeaderLine[], withhold: boolean): SortedHeaders {
  if (!withhold) return { open: headers, withheld: [] };
  const secret = ([name]: HeaderLine) => secretHeaders.has(name.trim().toLowerCase());
  return {
    open: headers.filter((header) => !secret(header)),
    withheld: headers.filter(secret),
  };
}

/** What a public record says about it: names, each once, never values. */
export function withheldNames(withheld: HeaderLine[]): string {
  return [...new Set(withheld.map(([name]) => name.trim().toLowerCase()))].join(', ');
}

/** Said in every `warcinfo` of a part from which something may be withheld. */
export const withholdingStatement =
  'Cookies, authorisation headers and similar tokens of a logged-in profile are withheld from this file; records that lost one say so in X-Holdfast-Withheld. Bodies and addresses are unchanged and may name the account.';
