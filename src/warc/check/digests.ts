/** Labelled digests as archives spell them: `sha256:<hex>`, `sha1:<base32>`, `sha-256:<hex>` … */
import { createHash, type Hash } from 'node:crypto';

export interface Digest {
  algorithm: 'sha1' | 'sha256' | 'sha512' | 'md5';
  /** Lower-case hex. */
  hex: string;
}

const lengths = { sha1: 20, sha256: 32, sha512: 64, md5: 16 };

/** Null for an algorithm or a form that is not known here. */
export function parseDigest(label: string): Digest | null {
  const colon = label.indexOf(':');
  const algorithm = label.slice(0, colon).trim().toLowerCase().replace('-', '');
  if (!isKnown(algorithm)) return null;
  const value = label.slice(colon + 1).trim();
  const bytes = lengths[algorithm];
  if (value.length === bytes * 2 && /^[0-9a-f]+$/i.test(value)) {
    return { algorithm, hex: value.toLowerCase() };
  }
  // Base 32 takes less than hex: what is longer is not even looked at.
  const decoded = value.length > bytes * 2 ? null : base32(value);
  return decoded?.byteLength === bytes ? { algorithm, hex: decoded.toString('hex') } : null;
}

export function hashFor({ algorithm }: Digest): Hash {
  return createHash(algorithm);
}

function isKnown(name: string): name is Digest['algorithm'] {
  return Object.hasOwn(lengths, name);
}

/** RFC 4648. */
function base32(text: string): Buffer | null {
  const plain = text.replace(/=+$/, '').toUpperCase();
  if (!/^[A-Z2-7]+$/.test(plain)) return null;
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (const char of plain) {
    held = ((held << 5) | 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char)) & 0xffff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 0xff);
  }
  return Buffer.from(bytes);
}
