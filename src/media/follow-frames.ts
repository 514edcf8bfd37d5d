/** Reads frames of one size from a file that ffmpeg is still writing. */
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RawFrames {
  /** The time of the next frame, in the order in which they are written. */
  timed(pts: bigint): void;
  /** Nothing more will be written: resolves when all that is there has been handed over. */
  ended(): Promise<void>;
}

/** Handed over between two turns of the event loop: some 10 ms of hashing. */
const framesAtOnce = 32;
const lookEveryMs = 50;

/**
 * @param onFrame must not keep the bytes; frames without a time, and a cut last one, are left out
 */
export function followFrames(
  path: string,
  frameBytes: number,
  onFrame: (pts: bigint, bytes: Uint8Array) => void,
): RawFrames {
  const times: bigint[] = [];
  const over = new AbortController();
  const following = follow();
  // Whoever awaits `ended` hears of it; nobody does where ffmpeg itself failed.
  following.catch(() => {});

  async function follow(): Promise<void> {
    const buffer = Buffer.alloc(frameBytes * framesAtOnce);
    let file = null;
    try {
      for (let position = 0; ; ) {
        const last = over.signal.aborted;
        file ??= await open(path).catch(() => null);
        const wanted = Math.min(times.length, framesAtOnce) * frameBytes;
        const read = wanted === 0 ? null : await file?.read(buffer, 0, wanted, position);
        const frames = Math.floor((read?.bytesRead ?? 0) / frameBytes);
        for (const [index, pts] of times.splice(0, frames).entries()) {
          onFrame(pts, buffer.subarray(index * frameBytes, (index + 1) * frameBytes));
        }
        position += frames * frameBytes;
        if (frames > 0) continue;
        if (last) return;
        // Cut short when all is written: what is left is read at once.
        await sleep(lookEveryMs, null, { signal: over.signal }).catch(() => {});
      }
    } finally {
      await file?.close();
    }
  }

  return {
    timed: (pts) => void times.push(pts),
    ended: async () => {
      over.abort();
      await following;
    },
  };
}
