/** One source, looked at now by every route, for somebody who asks. */

import { UsageError } from '../../base/errors.ts';
import { canonicalSource } from '../../catalog/aliases.ts';
import type { NewObservation } from '../../catalog/observations.ts';
import { concludedAbout } from '../../catalog/source-now.ts';
import type { Signal } from '../../model/signals.ts';
import type { SourceCheck } from '../../model/source-check.ts';
import type { Assessment } from '../../watch/availability.ts';
import { toRemoval } from '../../watch/to-removal.ts';
import type { Parts } from '../parts.ts';
import { runCheck } from './observe.ts';
import { askableKeyOf, isScope } from './watch.ts';

/**
 * @throws UsageError `not-a-source`
 */
export async function checkSource(
  parts: Parts,
  link: string,
  signal: AbortSignal,
): Promise<SourceCheck> {
  const asked = askableKeyOf(link);
  if (isScope(asked)) {
    throw new UsageError(
      'not-a-source',
      `"${link}" covers many sources: check them one by one; holdfast watches lists those that are watched`,
    );
  }
  const sourceKey = await canonicalSource(parts.database, asked);
  const [checked] = await runCheck(parts, [{ sourceKey, link }], {
    origin: 'check',
    thorough: true,
    signal,
  });
  const known = await concludedAbout<Assessment>(parts.database, [sourceKey]);
  const now = known.get(sourceKey);
  return {
    source: sourceKey,
    availability: now?.availability ?? 'unknown',
    kind: (now?.kind ?? null) as Signal | null,
    since: now?.since ?? null,
    firstSeen: now?.firstSeen ?? null,
    lastSeen: now?.lastSeen ?? null,
    firstMissed: now?.firstMissed ?? null,
    confirmedAt: now?.confirmedAt ?? null,
    misses: checked?.after.misses ?? 0,
    toRemoval: checked === undefined ? null : toRemoval(checked.after, parts.config.watch.rule),
    happened: (checked?.happened ?? []).map(({ kind }) => kind),
    routes: (checked?.observations ?? []).map(asRoute),
  };
}

function asRoute(made: NewObservation): SourceCheck['routes'][number] {
  const { route, url, httpStatus, signal, statement, failure, bodySha256, observedAt } = made;
  const canary = made.canary ?? null;
  return { route, url, httpStatus, signal, statement, failure, bodySha256, canary, at: observedAt };
}
