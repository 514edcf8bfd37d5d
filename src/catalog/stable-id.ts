import { createHash } from 'node:crypto';

/**
 * The same words give the same id (UUID version 8, RFC 9562 5.8): what is concluded twice,
 * after a crash or by a rebuild, is written once.
 */
export function stableId(...words: (string | null)[]): string {
  const digest = createHash('sha256').update(JSON.stringify(words)).digest();
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
