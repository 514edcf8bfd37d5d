/** The sweep that asks another archive to keep a copy of what the opted-in cases hold, and follows each to its end. */
import type { Queryable } from '../../catalog/database.ts';
import {
  addWantedSaves,
  claimSave,
  moveSave,
  type NextSave,
  type SaveElsewhere,
} from '../../catalog/saves-elsewhere.ts';
import { askToSave, followSave, type SaveAnswer } from '../../watch/save-page-now.ts';
import { noteEvents, withRecords } from '../keep-record.ts';
import type { Parts } from '../parts.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const leaseMs = 5 * minute;
const followAfterMs = 15_000;
/** Tries of asking and questions after one job together; they answer within minutes or not at all. */
const mostTries = 40;

/** Nothing leaves this machine unless a case opted in and there is a key. @returns how many moved on */
export async function saveElsewhere(
  parts: Pick<Parts, 'config' | 'database' | 'egress' | 'home' | 'vault'>,
  now: Date,
  signal: AbortSignal,
): Promise<number> {
  const { cases, key } = parts.config.saveElsewhere;
  if (cases.length === 0 || key === null || parts.home.environment !== 'live') return 0;
  await addWantedSaves(parts.database, cases, new Date(now.getTime() - 7 * day), now);
  for (let moved = 0; ; moved += 1) {
    signal.throwIfAborted();
    const saving = await claimSave(parts.database, now, leaseMs);
    if (saving === null) return moved;
    const { client } = parts.egress;
    const answer =
      saving.state === 'following' && saving.jobId !== null
        ? await followSave(client, key, saving.jobId, signal)
        : await askToSave(client, key, saving.url, signal);
    await withRecords(parts, (tx) => settle(parts, tx, saving, answer, now));
  }
}

async function settle(
  parts: Pick<Parts, 'vault'>,
  tx: Queryable,
  saving: SaveElsewhere,
  answer: SaveAnswer,
  now: Date,
): Promise<void> {
  const next = nextOf(saving, answer, now);
  await moveSave(tx, saving.captureId, next);
  if (next.state === 'asking' || next.state === 'following') return;
  const copy = answer.kind === 'saved' ? answer : null;
  await noteEvents(parts, tx, [
    {
      kind: copy === null ? 'not-saved-elsewhere' : 'saved-elsewhere',
      sourceKey: saving.sourceKey,
      at: now,
      detail: {
        archive: 'web.archive.org',
        captureId: saving.captureId,
        url: saving.url,
        reason: next.reason,
        timestamp: copy?.timestamp ?? null,
        copy: copy && `https://web.archive.org/web/${copy.timestamp}/${copy.original}`,
      },
    },
  ]);
}

function nextOf({ jobId, tries }: SaveElsewhere, answer: SaveAnswer, now: Date): NextSave {
  const again = tries + 1;
  const after = (ms: number) => new Date(now.getTime() + ms);
  const base = { jobId, tries: again, reason: null, dueAt: now };
  switch (answer.kind) {
    case 'saved':
      return { ...base, state: 'saved' };
    case 'refused':
      return { ...base, state: 'refused', reason: answer.reason };
    case 'pending':
      if (again >= mostTries) return { ...base, state: 'given-up', reason: 'never-ended' };
      return { ...base, state: 'following', jobId: answer.jobId, dueAt: after(followAfterMs) };
    case 'later': {
      if (again >= mostTries) return { ...base, state: 'given-up', reason: answer.reason };
      const wait = Math.max(answer.waitMs ?? 0, Math.min(again, 30) * minute);
      // A job that failed is none any more: what follows asks anew.
      return { ...base, state: 'asking', jobId: null, reason: answer.reason, dueAt: after(wait) };
    }
  }
}
