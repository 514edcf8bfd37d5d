/**
 * Frees the buffers of chunks already written. They are small objects to V8, with the bytes
 * outside of its heap: left alone it lets some 70 MB of them gather during a long download.
 */
import { collectGarbage } from '../collect-garbage.ts';

const sweepEveryBytes = 8 * 1024 * 1024;

/** Call with each chunk's size. Sweeps the young generation only: about a millisecond. */
export function bufferSweeper(): (sizeBytes: number) => void {
  let since = 0;
  return (sizeBytes) => {
    since += sizeBytes;
    if (since < sweepEveryBytes) return;
    since = 0;
    collectGarbage('minor');
  };
}
