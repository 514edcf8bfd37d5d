/** Garbage taken out on demand, for work that leaves more of it than V8 would see in time. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

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
