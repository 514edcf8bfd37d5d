/** Writes a hash track while a video is decoded: nothing of it stays in memory. */
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import {
  encodeTrackFrame,
  encodeTrackHeader,
  type TrackHeader,
} from '../../fingerprint/hash-track.ts';
import { pdqOfLuma64 } from '../../fingerprint/pdq.ts';

export interface TrackWriter {
  path: string;
  /** Hashes one frame, 64 by 64 grey values. */
  add(pts: bigint, luma: Uint8Array): void;
  frames(): number;
  /** Resolves when the file is whole. */
  end(): Promise<void>;
}

export function trackWriter(path: string, header: TrackHeader): TrackWriter {
  const stream = createWriteStream(path);
  // Told to whoever awaits `end`.
  const written = finished(stream);
  written.catch(() => {});
  stream.write(encodeTrackHeader(header));
  let frames = 0;
  return {
    path,
    add(pts, luma) {
      frames += 1;
      stream.write(encodeTrackFrame({ pts, ...pdqOfLuma64(luma) }));
    },
    frames: () => frames,
    async end() {
      stream.end();
      await written;
    },
  };
}
