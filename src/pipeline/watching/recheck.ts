/**
 * The sweep: what is due is looked at cheaply, and captured again where the plan says so or
 * something changed.
 *
 * Due watches are put off for a while by one short transaction (their lease), then visited,
 * then written down with their next time in another. A sweep that is killed in between has
 * left nothing but the lease, after which they are due again.
 */

import { canonicalSource } from '../../catalog/aliases.ts';
import { existingCaptures, openingTimes, unfinishedAmong } from '../../catalog/captures.ts';
import type { Queryable } from '../../catalog/database.ts';
import { authorsOf } from '../../catalog/source-now.ts';
import { stableId } from '../../catalog/stable-id.ts';
import { leaseWatches, type Rescheduled, takeDueWatches } from '../../catalog/watches.ts';
import type { WatchRow } from '../../model/watch.ts';
import { hotMs, nextVisit, planInWords, type WatchPlan } from '../../watch/plan.ts';
import { submitBatch } from '../intake/submit.ts';
import { noteEvents, withRecords } from '../keep-record.ts';
import type { Parts } from '../parts.ts';
import { type Checked, runCheck } from './observe.ts';
import { isScope, moveWatch, rescheduleOrEnd, watchMembers } from './watch.ts';

const sweepLimit = 200;
const batchSize = 50;
const leaseMs = 15 * 60_000;
/** How often the watch of a case or an author looks for new members. */
const scopeEveryMs = 10 * 60_000;
/** A watch that is later than this is told. */
const lateMs = 3_600_000;
/** A page that changes by itself is captured no more often than this for it. */
const restlessMs = 24 * 3_600_000;

/** Visits every due watch, in batches, and returns how many captures were opened. */
export async function sweepWatches(
  parts: Parts,
  now: Date,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  const due = await claimDue(parts, now);
  const sources = due.filter(({ sourceKey }) => !isScope(sourceKey));
  let opened = 0;
  for (const batch of batches(sources)) {
    signal.throwIfAborted();
    opened += await visitBatch(parts, batch, now, signal);
  }
  if (opened > 0) parts.log.info({ opened }, 'captures opened by watches');
  return opened;
}

/** What is due, put off until the end of the lease; `nextDueAt` of the rows is as it was. */
async function claimDue(parts: Parts, now: Date): Promise<WatchRow[]> {
  return withRecords(parts, async (tx) => {
    const due = await takeDueWatches(tx, now, sweepLimit);
    await leaseWatches(
      tx,
      due.map(({ sourceKey }) => sourceKey),
      new Date(now.getTime() + leaseMs),
    );
    await tellLate(parts, tx, due, now);
    const claimed: WatchRow[] = [];
    for (const watch of due) {
      if (isScope(watch.sourceKey)) await lookThrough(parts, tx, watch, now);
      claimed.push(await followed(parts, tx, watch));
    }
    return claimed;
  });
}

async function lookThrough(
  parts: Pick<Parts, 'config' | 'vault'>,
  tx: Queryable,
  scope: WatchRow,
  now: Date,
): Promise<void> {
  const ended = hasEnded(scope, now);
  if (!ended) await watchMembers(parts, tx, scope, now);
  await rescheduleOrEnd(parts, tx, [
    {
      ...scope,
      nextDueAt: new Date(now.getTime() + scopeEveryMs),
      lastSweptAt: now,
      state: ended ? 'ended' : 'active',
      endedReason: ended ? 'end-date' : null,
    },
  ]);
}

/** A provisional key whose goal is known by now is watched there from now on. */
async function followed(parts: Parts, tx: Queryable, watch: WatchRow): Promise<WatchRow> {
  const sourceKey = await canonicalSource(tx, watch.sourceKey);
  return sourceKey === watch.sourceKey ? watch : moveWatch(parts, tx, watch, sourceKey);
}

async function tellLate(
  parts: Pick<Parts, 'vault'>,
  tx: Queryable,
  due: WatchRow[],
  now: Date,
): Promise<void> {
  const late = due.filter(
    ({ nextDueAt, lastSweptAt }) =>
      // One that was added long after its time, by a rebuild for example, was never on time.
      lastSweptAt !== null && now.getTime() - nextDueAt.getTime() > lateMs,
  );
  const oldest = late[0];
  if (oldest === undefined) return;
  await noteEvents(parts, tx, [
    {
      // One an hour, however many sweeps find some.
      id: stableId('schedule.late', now.toISOString().slice(0, 13)),
      kind: 'schedule.late',
      sourceKey: null,
      detail: { watches: late.length, oldestDueAt: oldest.nextDueAt },
      at: now,
    },
  ]);
}

/** Of one platform each, since a check has the canaries of one. */
function batches(watches: WatchRow[]): WatchRow[][] {
  const byPlatform = Object.groupBy(watches, ({ sourceKey }) => sourceKey.split(':', 1)[0] ?? '');
  return Object.values(byPlatform).flatMap((list = []) =>
    Array.from({ length: Math.ceil(list.length / batchSize) }, (_, index) =>
      list.slice(index * batchSize, (index + 1) * batchSize),
    ),
  );
}

async function visitBatch(
  parts: Parts,
  batch: WatchRow[],
  now: Date,
  signal: AbortSignal,
): Promise<number> {
  const byKey = new Map(batch.map((watch) => [watch.sourceKey, watch]));
  const watches = [...byKey.values()];
  let opened = 0;
  await runCheck(parts, watches, { origin: 'watch', signal }, async (tx, checked) => {
    const keys = [...byKey.keys()];
    const captured = await lastCaptures(tx, keys);
    const born = await authorsOf(tx, keys);
    const rescheduled: Rescheduled[] = [];
    for (const one of checked) {
      const watch = byKey.get(one.sourceKey);
      if (watch === undefined) continue;
      const why = reasonToCapture(watch, one, captured.get(one.sourceKey) ?? null, now);
      if (why !== null && captured.get(one.sourceKey)?.underWay !== true) {
        await capture(parts, tx, watch, why);
        opened += 1;
      }
      rescheduled.push(
        reschedule(watch, one, born.get(one.sourceKey)?.bornAt ?? watch.bornAt, now),
      );
    }
    await rescheduleOrEnd(parts, tx, rescheduled);
  });
  return opened;
}

interface LastCapture {
  at: Date;
  underWay: boolean;
}

async function lastCaptures(tx: Queryable, keys: string[]): Promise<Map<string, LastCapture>> {
  const newest = await existingCaptures(tx, keys);
  const ids = [...newest.values()];
  const open = new Set(await unfinishedAmong(tx, ids));
  const openedAt = await openingTimes(tx, ids);
  return new Map(
    [...newest].flatMap(([key, id]) => {
      const at = openedAt.get(id);
      return at === undefined ? [] : [[key, { at, underWay: open.has(id) }]];
    }),
  );
}

/** Why this visit is followed by a full capture, for its submission; `null`: it isn't. */
function reasonToCapture(
  watch: WatchRow,
  checked: Checked,
  last: LastCapture | null,
  now: Date,
): string | null {
  const plan = `watch ${planInWords(watch)}`;
  if (hasEnded(watch, now)) return null;
  if (watch.captures === 'always') return plan;
  if (last === null) return `${plan}: never captured`;
  const happened = checked.happened.find(({ kind }) => kind === 'removed' || kind === 'restored');
  if (happened) return `${plan}: ${happened.kind}`;
  if (!checked.changed) return null;
  const isRestless = checked.steadyBefore === 0;
  if (isRestless && now.getTime() - last.at.getTime() < restlessMs) return null;
  return `${plan}: changed`;
}

async function capture(parts: Parts, tx: Queryable, watch: WatchRow, why: string): Promise<void> {
  await submitBatch(parts, tx, [{ link: watch.link, key: watch.sourceKey, facts: {} }], {
    case: watch.caseName,
    tags: watch.tags,
    note: watch.note,
    by: watch.createdBy,
    reason: why,
    origin: 'watch',
    again: true,
  });
}

function reschedule(
  watch: WatchRow,
  { after, changed, steadyBefore, happened, retryAfterMs }: Checked,
  bornAt: Date | null,
  now: Date,
): Rescheduled {
  const stirred = (changed && steadyBefore > 0) || happened.some(({ kind }) => kind === 'restored');
  const hotUntil = stirred ? new Date(now.getTime() + hotMs) : watch.hotUntil;
  const situation = {
    bornAt: bornAt ?? watch.createdAt,
    availability: after.availability,
    firstMissed: after.firstMissed,
    since: after.since,
    muteSince: after.muteSince,
    hotUntil,
  };
  const next = nextVisit(watch as WatchPlan, situation, watch.nextDueAt, now, watch.quiet);
  const gone = watch.untilGone && after.availability === 'removed';
  const over = hasEnded(watch, now) || (watch.endsAt !== null && next > watch.endsAt);
  return {
    sourceKey: watch.sourceKey,
    createdAt: watch.createdAt,
    // A host that asked to wait is asked again when it said, not when the plan says.
    nextDueAt: retryAfterMs === null ? next : sooner(next, now, retryAfterMs),
    lastSweptAt: now,
    state: gone || over ? 'ended' : 'active',
    endedReason: gone ? 'gone' : over ? 'end-date' : null,
    bornAt,
    hotUntil,
  };
}

function sooner(next: Date, now: Date, retryAfterMs: number): Date {
  return new Date(Math.min(next.getTime(), now.getTime() + retryAfterMs + 1_000));
}

function hasEnded({ endsAt }: WatchRow, now: Date): boolean {
  return endsAt !== null && endsAt <= now;
}
