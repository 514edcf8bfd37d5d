import { addressOf as addressOnX } from '../platforms/x/identity.ts';
import { unwrapped } from './clean-link.ts';

/**
 * The address to open for a canonical key; `null` where the key alone has none, as with a
 * video known only by its number. Pasting the address gives the key again: where an address
 * ends in a sign that would be taken for the end of a sentence, an empty fragment, which no
 * server ever sees, protects it.
 */
export function canonicalAddress(key: string): string | null {
  if (key.startsWith('x:')) return addressOnX(key);
  if (!key.startsWith('web:')) return null;
  const address = key.slice('web:'.length);
  return unwrapped(address) === address ? address : `${address}#`;
}
