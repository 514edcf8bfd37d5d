/** Garbage taken out on demand, for work that leaves more of it than V8 would see in time. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const sweepEveryBytes = 8 * 1024 * 1024;

/**
 * Frees the buffers of pieces that are done with: call with each one's size. They are small
 * objects to V8, with the bytes outside of its heap; left alone it lets some 70 MB of them gather.
 */
export function bufferSweeper(): (sizeBytes: number) => void {
  let sinceBytes = 0;
  return (sizeBytes) => {
    sinceBytes += sizeBytes;
    if (sinceBytes < sweepEveryBytes) return;
    sinceBytes = 0;
    collectGarbage('minor');
  };
}

/** `minor`: the young generation, about a millisecond. `major`: everything, about 100 ms for 100 MB. */
export function collectGarbage(type: 'minor' | 'major'): void {
  collect({ type });
}

const collect = collector();

function collector(): (options: { type: 'minor' | 'major' }) => void {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('gc');
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
