/** Watches: kept as records in the vault first, so that a rebuilt catalog still knows when to come back. */

import { uuidv7 } from 'uuidv7';
import { NotFoundError, UsageError } from '../../base/errors.ts';
import { canonicalSource } from '../../catalog/aliases.ts';
import type { Queryable } from '../../catalog/database.ts';
import { authorsOf } from '../../catalog/source-now.ts';
import {
  addWatches,
  type Member,
  type Rescheduled,
  removeScope,
  removeStrayMembers,
  removeWatch,
  rescheduleWatches,
  unwatchedOfAuthor,
  unwatchedOfCase,
  upsertWatch,
  watchOf,
} from '../../catalog/watches.ts';
import { identifyLink } from '../../links/identify-link.ts';
import { unnamed } from '../../model/submission.ts';
import type { WatchOptions, WatchRow } from '../../model/watch.ts';
import { platforms } from '../../platforms/platforms.ts';
import { canonicalJson } from '../../seal/canonical-json.ts';
import { nextDue, parsePlan, type WatchPlan } from '../../watch/plan.ts';
import { parseQuietHours } from '../../watch/quiet-hours.ts';
import { givenCase, givenTags } from '../given-names.ts';
import { leadsHome } from '../intake/what-becomes.ts';
import { keepRecord, withRecords } from '../keep-record.ts';
import { type Parts, timeNow } from '../parts.ts';

/**
 * Watches a source under the key that it resolves to as far as that is known, or with `case:NAME` and `author:PLATFORM:ID-OR-HANDLE` every source of a
 * case or an author that was or will be captured.
 * @param options `sourceKey`: where the link was identified before
 * @throws UsageError `not-a-source`, `not-watched`, `bad-plan`, `bad-quiet-hours`, `bad-time`,
 *   `too-long`
 */
export async function watchSource(
  parts: Parts,
  link: string,
  planText: string,
  options: WatchOptions & { sourceKey?: string } = {},
): Promise<WatchRow> {
  const plan = parsePlan(planText, options.timeZone);
  const now = timeNow(parts);
  const caseName = givenCase(options.case);
  const tags = givenTags(options.tags);
  const sourceKey = await watchableKey(parts, options.sourceKey ?? askableKeyOf(link));
  if (options.endsAt != null && options.endsAt <= now) {
    throw new UsageError(
      'bad-time',
      `${options.endsAt.toISOString()} is in the past: nothing would be watched`,
    );
  }
  const row: WatchRow = {
    sourceKey,
    link,
    ...plan,
    captures: options.captures ?? (plan.adaptive ? 'changed' : 'always'),
    state: options.paused ? 'paused' : 'active',
    endedReason: null,
    quiet: options.quiet ? parseQuietHours(options.quiet, options.timeZone ?? 'UTC') : null,
    endsAt: options.endsAt ?? null,
    untilGone: options.untilGone ?? false,
    scope: null,
    bornAt: null,
    hotUntil: null,
    caseName,
    tags,
    note: options.note ?? null,
    // A scope has no visits of its own: it is looked through at once.
    nextDueAt: isScope(sourceKey) ? now : nextDue(plan, now, now),
    lastSweptAt: null,
    createdBy: options.by ?? parts.config.operator ?? unnamed,
    createdAt: now,
  };
  await writePlan(parts, row);
  return row;
}

/** @throws UsageError `not-a-source`; `not-watched` for what no capture may reach */
async function watchableKey(
  { config, database }: Pick<Parts, 'config' | 'database'>,
  key: string,
): Promise<string> {
  if (isScope(key)) return key;
  if (key.startsWith('web:')) keyOf(key.slice('web:'.length));
  const sourceKey = await canonicalSource(database, key);
  if (!leadsHome(config, sourceKey)) return sourceKey;
  throw new UsageError(
    'not-watched',
    `${sourceKey} is on this machine or its network, which captures never reach: it is not watched (HOLDFAST_ALLOW_PRIVATE opens ranges)`,
  );
}

/** The key that somebody's watch is under, whichever way they name it. */
async function watchedKey(db: Queryable, link: string): Promise<string> {
  const key = keyOf(link);
  return (await watchOf(db, key)) === null && !isScope(key) ? canonicalSource(db, key) : key;
}

/** Whether it was watched. With a case or an author, what was watched because of it is left alone too. */
export async function unwatchSource(parts: Parts, link: string): Promise<boolean> {
  const sourceKey = await watchedKey(parts.database, link);
  if ((await watchOf(parts.database, sourceKey)) === null) return false;
  return withRecords(parts, async (tx) => {
    await storeChange(parts, tx, { change: 'unwatch', sourceKey, at: timeNow(parts) });
    await removeScope(tx, sourceKey);
    return removeWatch(tx, sourceKey);
  });
}

/** @throws NotFoundError `no-watch` */
async function watchNamed({ database }: Pick<Parts, 'database'>, link: string): Promise<WatchRow> {
  const watch = await watchOf(database, await watchedKey(database, link));
  if (watch !== null) return watch;
  throw new NotFoundError(
    'no-watch',
    `${link} is not watched: holdfast watches lists all watches, holdfast watch SOURCE PLAN starts one`,
  );
}

/**
 * Another plan for what is watched; its case, tags, note, quiet hours and end stay.
 * @throws NotFoundError `no-watch`, UsageError `bad-plan`
 */
export async function replanWatch(parts: Parts, link: string, planText: string): Promise<WatchRow> {
  const watch = await watchNamed(parts, link);
  const plan = parsePlan(planText, watch.timeZone ?? undefined);
  const now = timeNow(parts);
  const nextDueAt = isScope(watch.sourceKey) ? now : nextDue(plan, now, now);
  const changed: WatchRow = { ...watch, ...plan, nextDueAt };
  await writePlan(parts, changed);
  return changed;
}

/**
 * Pauses a watch, or lets it go on: then it is due at once.
 * @throws NotFoundError `no-watch`
 */
export async function pauseWatch(parts: Parts, link: string, paused: boolean): Promise<WatchRow> {
  const watch = await watchNamed(parts, link);
  const changed: WatchRow = {
    ...watch,
    state: paused ? 'paused' : 'active',
    endedReason: null,
    nextDueAt: paused ? watch.nextDueAt : timeNow(parts),
  };
  await writePlan(parts, changed);
  return changed;
}

async function writePlan(parts: Parts, row: WatchRow): Promise<void> {
  await withRecords(parts, async (tx) => {
    await storeChange(parts, tx, { change: 'watch', ...row });
    await upsertWatch(tx, row);
  });
}

/** Nobody comes back to these any more, which is written down like a plan of people. */
export async function rescheduleOrEnd(
  parts: Pick<Parts, 'vault'>,
  tx: Queryable,
  watches: Rescheduled[],
): Promise<void> {
  for (const key of await rescheduleWatches(tx, watches)) {
    const ended = await watchOf(tx, key);
    if (ended !== null) await storeChange(parts, tx, { change: 'watch', ...ended });
  }
}

export function isScope(key: string): boolean {
  return key.startsWith('case:') || key.startsWith('author:');
}

const membersAtOnce = 500;

/**
 * Watches what belongs to a case or an author and has no watch yet, by the same plan, and what
 * no longer belongs to the case no more. They follow from the scope's own record, so none is
 * kept for each.
 * @returns how many were new
 */
export async function watchMembers(
  { config }: Pick<Parts, 'config'>,
  tx: Queryable,
  scope: WatchRow,
  now: Date,
): Promise<number> {
  if (scope.sourceKey.startsWith('case:'))
    await removeStrayMembers(tx, scope.sourceKey.slice('case:'.length));
  const members = (await membersOf(tx, scope.sourceKey)).filter(
    ({ sourceKey }) => !leadsHome(config, sourceKey),
  );
  const born = await authorsOf(
    tx,
    members.map(({ sourceKey }) => sourceKey),
  );
  return addWatches(
    tx,
    members.map(({ sourceKey, link }) => ({
      ...scope,
      sourceKey,
      link,
      scope: scope.sourceKey,
      bornAt: born.get(sourceKey)?.bornAt ?? null,
      lastSweptAt: null,
      nextDueAt: nextDue(scope as WatchPlan, now, now),
      createdAt: now,
    })),
  );
}

async function membersOf(tx: Queryable, scope: string): Promise<Member[]> {
  if (scope.startsWith('case:')) {
    return unwatchedOfCase(tx, scope.slice('case:'.length), membersAtOnce);
  }
  const [, platform = '', ...author] = scope.split(':');
  return unwatchedOfAuthor(tx, platform, author.join(':').replace(/^@/, ''), membersAtOnce);
}

/**
 * A provisional key has turned out to lead to a source: its watch goes on there, unless that
 * one is watched already.
 */
export async function moveWatch(
  parts: Parts,
  tx: Queryable,
  watch: WatchRow,
  sourceKey: string,
): Promise<WatchRow> {
  await storeChange(parts, tx, {
    change: 'move',
    sourceKey: watch.sourceKey,
    to: sourceKey,
    at: timeNow(parts),
  });
  return replaceKey(tx, watch, sourceKey);
}

/**
 * Once a capture has found where its source leads: whoever watches the key that was asked for
 * watches the source from now on, and one watch is left where there were two.
 */
export async function followWatches(
  parts: Parts,
  keys: { aliasKey: string; sourceKey: string }[],
): Promise<void> {
  for (const { aliasKey, sourceKey } of keys) {
    if (aliasKey === sourceKey || (await watchOf(parts.database, aliasKey)) === null) continue;
    await withRecords(parts, async (tx) => {
      const watch = await watchOf(tx, aliasKey);
      if (watch !== null) await moveWatch(parts, tx, watch, sourceKey);
    });
  }
}

/** The rows of a move. Also the way in for `rebuild`. */
export async function replaceKey(
  tx: Queryable,
  watch: WatchRow,
  sourceKey: string,
): Promise<WatchRow> {
  const moved = { ...watch, sourceKey };
  await removeWatch(tx, watch.sourceKey);
  await addWatches(tx, [moved]);
  return (await watchOf(tx, sourceKey)) ?? moved;
}

async function storeChange(
  parts: Pick<Parts, 'vault'>,
  tx: Queryable,
  change: Record<string, unknown>,
): Promise<void> {
  const plain = JSON.parse(JSON.stringify(change)) as unknown;
  await keepRecord(parts, tx, 'watch-plans', `${uuidv7()}.json`, canonicalJson(plain));
}

/**
 * The canonical key of a link; a key, a case or an author as they are.
 * @throws UsageError `not-a-source`
 */
export function keyOf(link: string): string {
  if (/^(?:[a-z]+:[a-z]+:|web:https?:|case:.|author:[a-z]+:.)/.test(link)) return link;
  const found = identifyLink(link);
  if ('key' in found) return found.key;
  throw new UsageError(
    'not-a-source',
    `"${link}" is not a valid source (${found.rejected}): give a link, or a key as printed by holdfast find`,
  );
}

/** As `keyOf`, of a platform that can be asked. @throws UsageError `not-a-source` */
export function askableKeyOf(link: string): string {
  const key = keyOf(link);
  const platform = /^(?:author:)?([^:]*)/.exec(key)?.[1] ?? '';
  const known = platforms().map(({ name }) => name);
  if (key.startsWith('case:') || known.includes(platform)) return key;
  throw new UsageError(
    'not-a-source',
    `"${link}" is not a valid source: there is no platform ${platform}, only ${known.join(' and ')}`,
  );
}
