/** Rows of the pictures that Chromium takes, in and out of PNG (8 bits a channel, not interlaced). */
import { buffer } from 'node:stream/consumers';
import { crc32, createDeflate, createInflate, inflateSync } from 'node:zlib';

export interface Raster {
  width: number;
  height: number;
  /** Three bytes a pixel. */
  rows: Buffer[];
}

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const channelsOf: Record<number, number> = { 2: 3, 6: 4 };

/** Width and height of a PNG, from its header. */
export function pngSize(png: Buffer): { width: number; height: number } {
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

/** The first rows of a picture; all of them unless `most` says otherwise. */
export async function rowsOf(png: Buffer, most = Number.POSITIVE_INFINITY): Promise<Raster> {
  const { width, height } = pngSize(png);
  const channels = channelsOf[png[25] ?? -1];
  if (png[24] !== 8 || channels === undefined || png[28] !== 0)
    throw new Error('the browser made a PNG of another kind');
  const wanted = Math.min(height, most);
  const stride = width * channels + 1;
  const data = pixelData(png);
  const chunkSize = Math.max(64, wanted * stride);
  const raw =
    wanted === height ? inflateSync(data, { chunkSize }) : await inflatedStart(data, chunkSize);
  let before: Buffer = Buffer.alloc(stride - 1);
  const rows = Array.from({ length: wanted }, (_, y) => {
    const row = raw.subarray(y * stride + 1, (y + 1) * stride);
    unfilter(raw[y * stride] ?? 0, row, before, channels);
    before = row;
    return row;
  });
  return { width, height: wanted, rows: channels === 3 ? rows : withoutAlpha(rows, width) };
}

/** A PNG of rows that may come a few at a time. */
export async function pngOf(
  width: number,
  height: number,
  rows: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<Buffer> {
  const deflate = createDeflate({ level: 6 });
  const packed = buffer(deflate);
  let before: Buffer = Buffer.alloc(width * 3);
  for await (const row of rows) {
    const line = Buffer.allocUnsafe(row.length + 1);
    line[0] = 2; // what differs from the row above
    for (let x = 0; x < row.length; x += 1) line[x + 1] = (row[x] ?? 0) - (before[x] ?? 0);
    if (!deflate.write(line)) await new Promise((resolve) => deflate.once('drain', resolve));
    before = row;
  }
  deflate.end();
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const parts = [
    chunk('IHDR', header),
    chunk('IDAT', await packed),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([signature, ...parts]);
}

/** Of all pixels of two pictures' first rows, the share that differs visibly. */
export function shareThatDiffers(one: Raster, other: Raster): number {
  const width = Math.min(one.width, other.width);
  const height = Math.min(one.height, other.height);
  let differing = 0;
  for (let y = 0; y < height; y += 1) {
    const [a, b] = [one.rows[y], other.rows[y]];
    if (a === undefined || b === undefined || a.equals(b)) continue;
    for (let x = 0; x < width * 3; x += 3) {
      const far = (at: number) => Math.abs((a[at] ?? 0) - (b[at] ?? 0)) > visibleStep;
      if (far(x) || far(x + 1) || far(x + 2)) differing += 1;
    }
  }
  return differing / Math.max(1, width * height);
}

/** So much of a picture as is as wide, from its right edge. */
export function rightOf({ width, height, rows }: Raster, most: number): Raster {
  const kept = Math.min(width, most);
  return { width: kept, height, rows: rows.map((row) => row.subarray((width - kept) * 3)) };
}

const visibleStep = 24;

function pixelData(png: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8; at + 8 <= png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return Buffer.concat(parts);
}

/** A tall picture is hundreds of MB unpacked: no more of it than is wanted, and in one piece. */
async function inflatedStart(data: Buffer, wanted: number): Promise<Buffer> {
  const inflate = createInflate({ chunkSize: wanted });
  inflate.end(data);
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of inflate) {
    parts.push(part as Buffer);
    length += (part as Buffer).length;
    if (length >= wanted) break; // which ends the stream
  }
  return Buffer.concat(parts).subarray(0, wanted);
}

/** In place (PNG 1.2, section 6). */
function unfilter(type: number, row: Buffer, above: Buffer, channels: number): void {
  if (type === 0) return;
  for (let x = 0; x < row.length; x += 1) {
    const left = x < channels ? 0 : (row[x - channels] ?? 0);
    const up = above[x] ?? 0;
    const corner = x < channels ? 0 : (above[x - channels] ?? 0);
    row[x] = (row[x] ?? 0) + predicted(type, left, up, corner);
  }
}

function predicted(type: number, left: number, up: number, corner: number): number {
  if (type === 1) return left;
  if (type === 2) return up;
  if (type === 3) return (left + up) >> 1;
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [
    Math.abs(guess - left),
    Math.abs(guess - up),
    Math.abs(guess - corner),
  ];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** All of them in one buffer: a picture's thousand small ones cost more to collect than to fill. */
function withoutAlpha(rows: Buffer[], width: number): Buffer[] {
  const rgb = Buffer.allocUnsafe(rows.length * width * 3);
  let to = 0;
  for (const row of rows)
    for (let from = 0; from < width * 4; from += 4) {
      rgb[to++] = row[from] ?? 0;
      rgb[to++] = row[from + 1] ?? 0;
      rgb[to++] = row[from + 2] ?? 0;
    }
  return rows.map((_, y) => rgb.subarray(y * width * 3, (y + 1) * width * 3));
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
