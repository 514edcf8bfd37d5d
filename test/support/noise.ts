/** Bytes and pictures that can't be guessed, the same for the same seed. */
import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

export function noise(seed: string, sizeBytes: number): Buffer {
  return createHash('shake256', { outputLength: sizeBytes }).update(seed).digest();
}

/** A PNG of noise, about 3 bytes a pixel. */
export function noisePng(seed: string, sidePx: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(sidePx, 0);
  header.writeUInt32BE(sidePx, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB
  const row = 3 * sidePx;
  const pixels = noise(seed, row * sidePx);
  const lines = Buffer.concat(
    Array.from({ length: sidePx }, (_, line) =>
      Buffer.concat([Buffer.from([0]), pixels.subarray(line * row, (line + 1) * row)]),
    ),
  );
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
