/** Works, in this process, until captures are closed and what is made of them has ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { unfinishedAmong } from '../../catalog/captures.ts';
import type { Queryable } from '../../catalog/database.ts';
import { derivingAmong, handedJobs, waitingJobCount } from '../../catalog/derive-jobs.ts';
import { slots, unfinishedCount } from '../../catalog/feeder.ts';
import type { CaptureRecord } from '../../model/capture-record.ts';
import { hopefulJobRounds } from '../derive/feed-derivations.ts';
import { hopefulRounds } from '../intake/feed.ts';
import type { Parts } from '../parts.ts';
import type { RunningWorkers, WorkOptions } from '../running-workers.ts';
import { showCapture } from './show.ts';

const lookEveryMs = 250;
/** What is in hand when the last capture is closed, such as a sweep, may end by itself. */
const graceMs = 30_000;
const longGraceMs = 10 * 60_000;

export interface UntilClosed {
  /** Returns at the seal: derivations follow when somebody works again. */
  sealed?: boolean;
  /** Finishes what is in hand, and leaves the rest in the queue. */
  finish?: AbortSignal;
  /** Stops at once: what is in hand goes back into the queue. */
  signal?: AbortSignal;
  /** Told at every look which captures are still open. */
  onLook?(open: string[]): Promise<void>;
}

/**
 * Works until every one of these captures is closed, and what is made of it has ended, or it
 * can't be closed for now, as on a full disk. Returns them as they are then, in order; those that are stuck or were left have no state.
 * @throws StateError `catalog-replaced`; what `signal` was raised with
 */
export async function workUntilClosed(
  parts: Parts,
  startWorkers: (options: WorkOptions) => Promise<RunningWorkers>,
  captureIds: string[],
  { sealed = false, finish, signal, onLook }: UntilClosed = {},
): Promise<CaptureRecord[]> {
  signal?.throwIfAborted();
  // A derivation in hand would be waited for at the end, for minutes of a long video.
  const workers = await startWorkers(sealed ? { except: ['derive'] } : {});
  const ended = AbortSignal.any([finish, signal, workers.outdated].filter((one) => one != null));
  const stopNow = () => void workers.close(0).catch(() => undefined); // the close below says why
  signal?.addEventListener('abort', stopNow);
  try {
    const left = sealed ? stillHopeful : stillOpenOrDeriving;
    await untilNone(() => left(parts.database, captureIds), ended, onLook);
  } finally {
    const atOnce = signal?.aborted || workers.outdated.aborted;
    await workers
      .close(atOnce ? 0 : finish?.aborted ? longGraceMs : graceMs)
      .finally(() => signal?.removeEventListener('abort', stopNow));
  }
  workers.outdated.throwIfAborted();
  signal?.throwIfAborted();
  const records = await Promise.all(captureIds.map((id) => showCapture(parts, id)));
  return records.filter((record) => record !== null);
}

async function untilNone(
  left: () => Promise<string[]>,
  signal: AbortSignal,
  onLook?: UntilClosed['onLook'],
): Promise<void> {
  while (!signal.aborted) {
    const open = await left();
    await onLook?.(open);
    if (open.length === 0) return;
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

/** First those that are open; then those of which something is still being made. */
async function stillOpenOrDeriving(database: Queryable, captureIds: string[]): Promise<string[]> {
  const open = await stillHopeful(database, captureIds);
  if (open.length > 0) return open;
  const stuck = (await handedJobs(database)).filter(({ round }) => round > hopefulJobRounds);
  const deriving = await derivingAmong(database, captureIds);
  return deriving.filter((id) => !stuck.some(({ captureId }) => captureId === id));
}

/** Captures that are open and may still close by themselves, unlike on a full disk. */
async function stillHopeful(database: Queryable, captureIds: string[]): Promise<string[]> {
  const open = await unfinishedAmong(database, captureIds);
  const held = await slots(database);
  const stuck = new Set(
    held.filter(({ round }) => round > hopefulRounds).map(({ captureId }) => captureId),
  );
  return open.filter((captureId) => !stuck.has(captureId));
}

/**
 * Returns when nothing is left to capture and to derive, or the signal is raised. A database that is away for
 * a moment has nothing to say: it is asked again.
 */
export async function untilNothingLeft(database: Queryable, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const captures = await unfinishedCount(database).catch(() => 1);
    const jobs = await waitingJobCount(database).catch(() => 1);
    if (captures + jobs === 0) return;
    await sleep(2 * lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}
