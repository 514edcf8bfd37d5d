/** Reads frames of one size from a file that ffmpeg is still writing. */
import { type Following, followFile } from '../tools/follow-file.ts';

export interface RawFrames extends Following {
  /** The time of the next frame, in the order in which they are written. */
  timed(pts: bigint): void;
}

/** Handed over between two turns of the event loop: some 10 ms of hashing. */
const framesAtOnce = 32;

/**
 * @param onFrame must not keep the bytes; frames without a time, and a cut last one, are left out
 */
export function followFrames(
  path: string,
  frameBytes: number,
  onFrame: (pts: bigint, bytes: Uint8Array) => void,
): RawFrames {
  const times: bigint[] = [];
  const following = followFile(path, frameBytes * framesAtOnce, (bytes) => {
    const due = times.splice(0, Math.floor(bytes.length / frameBytes));
    for (const [index, pts] of due.entries()) {
      onFrame(pts, bytes.subarray(index * frameBytes, (index + 1) * frameBytes));
    }
    return due.length * frameBytes;
  });
  return { ...following, timed: (pts) => void times.push(pts) };
}
