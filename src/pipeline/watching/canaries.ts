/**
 * Known-good and known-gone sources, asked through the same routes in the same window as a
 * source that seems gone: only a route that gives the one and not the other is believed.
 */
import { uuidv7 } from 'uuidv7';
import { ThrottledError } from '../../base/errors.ts';
import type { NewObservation } from '../../catalog/observations.ts';
import { standingOf } from '../../model/signals.ts';
import type { Canaries, Reading } from '../../platforms/platform.ts';
import { askAndKeep } from '../ask.ts';
import { observationsFrom } from '../observations.ts';
import { type Parts, timeNow } from '../parts.ts';
import { keyOf } from './watch.ts';

/** How long canaries speak for the visits around them. */
const windowMs = 10 * 60_000;
/** Asked before a route is given up: a known-good source may go too. */
const goodOnes = 2;

export interface CanaryWords {
  /** By route; a route that isn't here was not asked, or could not be reached. */
  words: Map<string, 'passed' | 'failed'>;
  /** What was observed, for the first record that uses these words; later ones get none. */
  observations(): NewObservation[];
}

export const noCanaries: CanaryWords = { words: new Map(), observations: () => [] };

interface Remembered {
  until: number;
  words: Promise<CanaryWords>;
}

const remembered = new WeakMap<Parts, Map<string, Remembered>>();

export async function askCanaries(
  parts: Parts,
  sourceKey: string,
  signal: AbortSignal,
): Promise<CanaryWords> {
  const canaries = await canariesFor(parts, sourceKey);
  if (canaries.good.length === 0) return noCanaries;
  const byList = remembered.get(parts) ?? new Map<string, Remembered>();
  remembered.set(parts, byList);
  const now = timeNow(parts).getTime();
  const name = JSON.stringify(canaries);
  const known = byList.get(name);
  if (known !== undefined && known.until > now) {
    // Who began to ask may have been stopped: whoever still wants to know asks again.
    const words = await known.words.catch(() => null);
    return words ?? askCanaries(parts, sourceKey, signal);
  }
  signal.throwIfAborted();
  for (const [list, { until }] of byList) if (until <= now) byList.delete(list);
  const words = observeCanaries(parts, canaries, signal);
  const asking = { until: now + windowMs, words };
  byList.set(name, asking);
  words.catch(() => {
    if (byList.get(name) === asking) byList.delete(name);
  });
  return words;
}

/** The operator's for this platform, where there are any, else the platform's own. */
export async function canariesFor(
  parts: Pick<Parts, 'config' | 'platformOf'>,
  sourceKey: string,
): Promise<Canaries> {
  const platform = await parts.platformOf(sourceKey);
  const own = platform.canaries(sourceKey);
  const isOurs = (key: string) => key.startsWith(`${platform.name}:`) && key !== sourceKey;
  const named = (list: string[]) => list.map(keyOf).filter(isOurs);
  const { good, gone } = parts.config.watch.canaries;
  return {
    good: named(good).length > 0 ? named(good) : own.good.filter(isOurs),
    gone: named(gone).length > 0 ? named(gone) : own.gone.filter(isOurs),
  };
}

async function observeCanaries(
  parts: Parts,
  canaries: Canaries,
  signal: AbortSignal,
): Promise<CanaryWords> {
  const made: NewObservation[] = [];
  const look = async (source: string) => {
    const kept = askAndKeep(parts, signal);
    const platform = await parts.platformOf(source);
    const readings = await platform
      .observe({ source, link: source, facts: {}, thorough: true }, kept.ask, signal)
      .catch((error: unknown) => {
        if (error instanceof ThrottledError) return [];
        throw error;
      });
    made.push(...observationsFrom(parts, source, readings, kept.answers));
    return readings;
  };
  const words = new Map<string, 'passed' | 'failed'>();
  for (const source of canaries.good.slice(0, goodOnes)) {
    hearGood(words, await look(source));
    if ([...words.values()].every((word) => word === 'passed') && words.size > 0) break;
  }
  const gone = canaries.gone[0];
  if (gone !== undefined) hearGone(words, await look(gone));
  // Handed out once: the first record that uses these words holds what they rest on.
  let unkept = made.map((observation) => ({ ...observation, id: uuidv7() }));
  return {
    words,
    observations: () => {
      const handed = unkept;
      unkept = [];
      return handed;
    },
  };
}

/** A route that gives one known-good source passes; one that misses them fails. */
function hearGood(words: Map<string, 'passed' | 'failed'>, readings: Reading[]): void {
  for (const { route, signal } of readings) {
    const standing = standingOf(signal);
    if (standing === 'present' || standing === 'restricted') words.set(route, 'passed');
    else if (standing !== 'nothing' && !words.has(route)) words.set(route, 'failed');
  }
}

function hearGone(words: Map<string, 'passed' | 'failed'>, readings: Reading[]): void {
  for (const { route, signal } of readings) {
    if (standingOf(signal) === 'present') words.set(route, 'failed');
  }
}
