/** What hangs on an entry of the log: the rows that its details stand for, made again from the vault. */
import { z } from 'zod';
import { insertTimestamp } from '../../catalog/checkpoints.ts';
import type { Queryable } from '../../catalog/database.ts';
import { endJob } from '../../catalog/derive-jobs.ts';
import { insertEvents } from '../../catalog/events.ts';
import { insertFixity } from '../../catalog/fixity.ts';
import { insertHold } from '../../catalog/holds.ts';
import type { LogEntryRow } from '../../catalog/log-entries.ts';
import { insertRemoval } from '../../catalog/removals.ts';
import { scheduleTimestamps, unscheduleTimestamp } from '../../catalog/timestamp-schedule.ts';
import { forgetUnlogged } from '../../catalog/unlogged-records.ts';
import { type EventKind, eventKinds } from '../../model/event-kinds.ts';
import { publicKeys, publishKey } from '../../seal/keys.ts';
import type { Vault } from '../../vault/vault.ts';
import type { Parts } from '../parts.ts';
import { naming, readRecord, unreadable } from '../vault-records.ts';
import { restoreFilings } from './filing.ts';
import { otsDetail } from './ots-promises.ts';
import { recordsIn } from './records-detail.ts';

const time = z.coerce.date();
const token = z.object({
  size: z.number(),
  authority: z.string(),
  tokenSha256: z.string(),
  genTime: time,
  policy: z.string(),
  serial: z.string(),
  accuracyMs: z.number().nullable(),
  storedAt: time,
});
const order = {
  id: z.string(),
  authority: z.string(),
  reference: z.string(),
  reason: z.string().nullable(),
  byWhom: z.string(),
  at: time,
};
const hold = z.object({
  ...order,
  change: z.enum(['set', 'released']),
  scopeKind: z.enum(['capture', 'case', 'object']),
  scope: z.string(),
});
const removal = z.object({
  ...order,
  change: z.enum(['ordered', 'done']),
  targets: z.array(z.string()),
  captureIds: z.array(z.string()),
  detail: z.record(z.string(), z.unknown()),
});

const fixity = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      runId: z.string(),
      sha256: z.string(),
      result: z.enum(['ok', 'missing', 'differs', 'unreadable']),
      foundSha256: z.string().nullable(),
      mended: z.boolean(),
      detail: z.string().nullable(),
      checkedAt: time,
    }),
  ),
});

const derived = z.object({
  job: z.guid(),
  capture: z.guid(),
  records: z.array(z.string()),
  finishedAt: time,
  events: z.array(
    z.object({
      id: z.guid(),
      kind: z.custom<EventKind>(
        (kind) => typeof kind === 'string' && Object.hasOwn(eventKinds, kind),
      ),
      sourceKey: z.string().nullable(),
      detail: z.record(z.string(), z.unknown()),
      at: time,
    }),
  ),
});

type Restore = (tx: Queryable, detail: unknown, idx: number) => Promise<unknown>;

const restoreRemoval: Restore = (tx, detail) => insertRemoval(tx, removal.parse(detail));

/** What each type of entry that has rows of its own writes. */
const restores: Record<string, Restore> = {
  timestamped: async (tx, detail) => {
    const row = token.parse(detail);
    await insertTimestamp(tx, row);
    await unscheduleTimestamp(tx, row.size, row.authority);
  },
  'ots-proof': (tx, detail) => restoreOts(tx, otsDetail.parse(detail)),
  fixity: async (tx, detail) => {
    for (const row of fixity.parse(detail).results) await insertFixity(tx, row);
  },
  removal: restoreRemoval,
  // What version 0.1.0 called it.
  tombstone: restoreRemoval,
  derivation: async (tx, detail, logIndex) => {
    const { job, capture, records, finishedAt, events } = derived.parse(detail);
    await endJob(tx, { id: job, captureId: capture, records, logIndex, finishedAt });
    await insertEvents(tx, null, events);
  },
  filed: restoreFilings,
  tagged: restoreFilings,
  noted: restoreFilings,
  hold: (tx, detail) => insertHold(tx, hold.parse(detail)),
  'hold-released': (tx, detail) => insertHold(tx, hold.parse(detail)),
};

/** Types of entries with rows beside the log. */
export const detailedTypes = Object.keys(restores);

/** Tokens, promises that are still open, holds, removals, fixity. @throws IntegrityError `record-unreadable` */
export async function restoreDetail(
  vault: Vault,
  tx: Queryable,
  { idx, type, detailSha256 }: Pick<LogEntryRow, 'idx' | 'type' | 'detailSha256'>,
): Promise<void> {
  const restore = restores[type];
  if (restore === undefined || detailSha256 === null) return;
  const place = `log-details/${detailSha256}`;
  const bytes = await vault.readRecord('log-details', detailSha256);
  if (bytes === null) throw unreadable(place, new Error('it is missing'));
  const detail = readRecord(place, z.unknown(), bytes);
  await naming(place, () => restore(tx, detail, idx));
}

/**
 * Of an entry that a killed process left in the vault without its rows: else a hold would stand
 * in the log and bind nobody. Where its details can't be had, the log goes on all the same,
 * and `verify` names what is missing.
 */
export async function adoptDetail(
  { vault, log }: Pick<Parts, 'vault' | 'log'>,
  tx: Queryable,
  entry: Pick<LogEntryRow, 'id' | 'idx' | 'type' | 'detailSha256'>,
): Promise<void> {
  await tx.query('savepoint adopted');
  try {
    await restoreDetail(vault, tx, entry);
    if (entry.type === 'key-rotated') await publishSuccessor(vault, entry.detailSha256 ?? '');
    if (entry.type === 'records')
      await forgetUnlogged(tx, (await recordsIn(vault, entry.detailSha256 ?? '')) ?? []);
  } catch (error) {
    await tx.query('rollback to savepoint adopted');
    log.error(
      { entry: entry.id, type: entry.type, err: error },
      'an entry was left without its rows',
    );
  }
  await tx.query('release savepoint adopted');
}

const rotation = z.object({ new: z.string() });

/** The log says that it signs from now on. */
async function publishSuccessor(vault: Vault, detailSha256: string): Promise<void> {
  const bytes = (await vault.readRecord('log-details', detailSha256)) ?? '';
  const { new: vkey } = readRecord(`log-details/${detailSha256}`, rotation, bytes);
  const keys = await publicKeys(vault);
  if (keys.some((key) => key.vkey === vkey)) return;
  await publishKey(vault, (keys.at(-1)?.number ?? 0) + 1, vkey);
}

/** A promise is asked after until the complete proof is there. */
async function restoreOts(tx: Queryable, proof: z.infer<typeof otsDetail>): Promise<void> {
  const { size, calendar, state } = proof;
  if (state === 'complete') await unscheduleTimestamp(tx, size, calendar);
  else await scheduleTimestamps(tx, size, [calendar], new Date());
}
