import { addressOf as addressOnX } from '../platforms/x/identity.ts';
import { identifyLink } from './identify-link.ts';

/**
 * The address to open for a canonical key; `null` where the key alone has none, as with a
 * video known only by its number. Pasting the address gives the key again: where it would be
 * taken for an address with the end of a sentence behind it, an empty fragment, which no
 * server ever sees, says that it is meant as it stands.
 */
export function canonicalAddress(key: string): string | null {
  const address = key.startsWith('web:') ? key.slice('web:'.length) : addressOnX(key);
  if (address === null) return null;
  const read = identifyLink(address);
  return 'key' in read && read.key === key ? address : `${address}#`;
}
