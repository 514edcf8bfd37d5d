/** Everything on record about the source that somebody names. */
import { NotFoundError } from '../../base/errors.ts';
import { aliasesOf, canonicalSource } from '../../catalog/aliases.ts';
import { sourcesOfCase } from '../../catalog/cases.ts';
import type { Queryable } from '../../catalog/database.ts';
import { type TimelineEntry, timelineOf } from '../../catalog/timeline.ts';
import { knownCase } from '../known-case.ts';
import { sourceNamed } from './find.ts';
import { capturesKeyedBefore } from './keyed-before.ts';

export interface SourceHistory {
  /** The canonical key. */
  source: string;
  /** Other keys that lead to it. */
  aliases: string[];
  /** In the order in which they happened. */
  entries: TimelineEntry[];
}

/**
 * The sources of a case, each with everything on record about it, in one order.
 * @throws NotFoundError `no-case`
 */
export async function historyOfCase(db: Queryable, named: string): Promise<TimelineEntry[]> {
  const caseName = await knownCase(db, named);
  const sources = await sourcesOfCase(db, caseName);
  const keys = new Set(sources);
  const captures: string[] = [];
  for (const source of sources) {
    for (const { aliasKey } of await aliasesOf(db, source)) keys.add(aliasKey);
    captures.push(...(await capturesKeyedBefore(db, source)));
  }
  return timelineOf(db, [...keys], captures);
}

/** @param named a key or a link @throws NotFoundError `no-source` */
export async function historyOf(db: Queryable, named: string): Promise<SourceHistory> {
  const source = await canonicalSource(db, sourceNamed(named));
  const aliases = (await aliasesOf(db, source)).map(({ aliasKey }) => aliasKey);
  const before = await capturesKeyedBefore(db, source);
  const entries = await timelineOf(db, [source, ...aliases], before);
  if (entries.length > 0) return { source, aliases, entries };
  throw new NotFoundError(
    'no-source',
    `there is no record of "${named}": holdfast find lists captures with their sources`,
  );
}
