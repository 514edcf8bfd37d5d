/**
 * The hash track of a video: one PDQ hash for each frame that was decoded, with its exact
 * time. Kept as an artifact (role `hash-track`), it lets two videos be laid side by side
 * long after, without decoding either again.
 *
 * The file: one line of JSON, then 41 bytes a frame: pts (signed, 64 bits, big-endian),
 * quality (one byte), hash (32 bytes, as its text form reads). 4.4 MB for an hour at 30 fps.
 */
import { z } from 'zod';
import { hashBytes, type PdqHash } from './hash.ts';

export const hashTrackRole = 'hash-track';
export const hashTrackMediaType = 'application/vnd.holdfast.hash-track';

export interface TrackFrame extends PdqHash {
  /** In units of the time base, as the container has it. */
  pts: bigint;
}

export interface TrackHeader {
  /** Seconds for one unit of pts: `1/15360`. */
  timeBase: string;
  /** Seconds at which the container's clock starts; `null` where it does not say. */
  containerStartTime: string | null;
  /** Which frames are in it: `frame` for every one, `second` for one in each second. */
  every: 'frame' | 'second';
}

export interface HashTrack extends TrackHeader {
  /** In the order in which they were decoded. */
  frames: TrackFrame[];
}

const schema = 'holdfast.hash-track/1';
/** How the 64 by 64 picture was made: hashes of other rasters lie further away. */
const raster = '64x64 area grey';
const frameBytes = 8 + 1 + hashBytes;

/** The first line of the file; the frames follow it, each by `encodeTrackFrame`. */
export function encodeTrackHeader({ timeBase, containerStartTime, every }: TrackHeader): Buffer {
  const header = { schema, raster, timeBase, containerStartTime, every };
  return Buffer.from(`${JSON.stringify(header)}\n`);
}

export function encodeTrackFrame({ pts, quality, hash }: TrackFrame): Buffer {
  const bytes = Buffer.alloc(frameBytes);
  bytes.writeBigInt64BE(pts, 0);
  bytes.writeUInt8(quality, 8);
  bytes.set(hash, 9);
  return bytes;
}

const header = z.object({
  schema: z.literal(schema),
  raster: z.literal(raster),
  timeBase: z.string().regex(/^[1-9]\d{0,9}\/[1-9]\d{0,9}$/),
  containerStartTime: z
    .string()
    .regex(/^-?\d{1,13}(\.\d{1,12})?$/)
    .nullable(),
  every: z.enum(['frame', 'second']),
});

const longestHeaderBytes = 4096;

/** @throws TypeError when the bytes are no hash track, or were cut */
export function decodeHashTrack(bytes: Uint8Array): HashTrack {
  const end = bytes.subarray(0, longestHeaderBytes).indexOf(0x0a);
  if (end < 0) throw new TypeError('not a hash track: its first line has no end');
  const { timeBase, containerStartTime, every } = parsedHeader(bytes.subarray(0, end));
  const body = Buffer.from(bytes.buffer, bytes.byteOffset + end + 1, bytes.byteLength - end - 1);
  if (body.length % frameBytes !== 0) throw new TypeError('a hash track that ends within a frame');
  const frames = Array.from({ length: body.length / frameBytes }, (_, index) =>
    decodeFrame(body, index * frameBytes),
  );
  return { timeBase, containerStartTime, every, frames };
}

function parsedHeader(line: Uint8Array): z.infer<typeof header> {
  try {
    return header.parse(JSON.parse(Buffer.from(line).toString('utf8')));
  } catch (cause) {
    throw new TypeError('not a hash track: its first line is of another form', { cause });
  }
}

function decodeFrame(body: Buffer, at: number): TrackFrame {
  const hash = Uint8Array.from(body.subarray(at + 9, at + frameBytes));
  return { pts: body.readBigInt64BE(at), quality: body.readUInt8(at + 8), hash };
}

/** Milliseconds since the start of the container's clock, as a player shows it. */
export function trackTimeMs(track: TrackHeader, pts: bigint): number {
  const [units = 1, inSeconds = 1] = track.timeBase.split('/').map(Number);
  const startMs = Number(track.containerStartTime ?? 0) * 1000;
  return Math.round((Number(pts) * units * 1000) / inSeconds - startMs);
}
