/** SHA-2 of a stream in a browser, where WebCrypto would want the whole of it in memory. */
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { toHex } from './bytes.ts';
import type { Hasher } from './zip-files.ts';

export function streamHasher(algorithm: 'sha256' | 'sha512'): Hasher {
  const hash = (algorithm === 'sha256' ? sha256 : sha512).create();
  return { update: (bytes) => void hash.update(bytes), hex: () => toHex(hash.digest()) };
}
