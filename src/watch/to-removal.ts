/** What a source that is missing still lacks to be concluded removed. */
import type { ToRemoval } from '../model/source-check.ts';
import type { AvailabilityRule } from '../model/watch-rules.ts';
import type { Assessment } from './availability.ts';

/** `null`: it is not missing, or no miss counts so far. */
export function toRemoval(
  { availability, firstSeen, run }: Pick<Assessment, 'availability' | 'firstSeen' | 'run'>,
  rule: AvailabilityRule,
): ToRemoval | null {
  if (availability !== 'suspect') return null;
  // Where somebody says in words that it is gone, the fewest misses do.
  const kind = run.stated !== undefined ? 'stated' : run.any !== undefined ? 'any' : 'domain';
  const count = run[kind];
  // Without words, only what was seen before can be missing.
  if (count === undefined || (kind !== 'stated' && firstSeen === null)) return null;
  const { misses, overMs } = kind === 'any' ? rule.silent : rule[kind];
  return {
    misses: count.misses,
    needed: misses,
    nextCountsFrom: new Date(count.lastCounted.getTime() + rule.spacingMs),
    notBefore: new Date(count.first.getTime() + overMs),
  };
}
