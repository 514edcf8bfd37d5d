/** The part of `rebuild` that makes the log again: same entries, same checkpoints, same tokens. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { insertCheckpoint, insertCosignature, insertTimestamp } from '../catalog/checkpoints.ts';
import type { Queryable } from '../catalog/database.ts';
import { insertFixity } from '../catalog/fixity.ts';
import { insertHold } from '../catalog/holds.ts';
import { insertPseudonym } from '../catalog/pseudonyms.ts';
import { closeTurn, openTurns } from '../catalog/timestamp-turns.ts';
import { insertTombstone } from '../catalog/tombstones.ts';
import { IntegrityError } from '../errors.ts';
import { publicKeys } from '../seal/keys.ts';
import { entryIn, logRoot, recordName, restoreEntries } from '../seal/log.ts';
import type { LogEntry } from '../seal/log-entry.ts';
import { checkpointText } from '../seal/note-signing.ts';
import { readPseudonym } from '../seal/pseudonyms.ts';
import type { Vault } from '../vault/vault.ts';
import type { Parts } from './parts.ts';
import { cosignatureRow } from './witness.ts';

const batchSize = 1_000;

/** Before the captures, so that closing them finds their entries. @throws IntegrityError */
export async function restoreLog(
  parts: Parts,
  tx: Queryable,
  signal?: AbortSignal,
): Promise<number> {
  const { vault } = parts;
  for await (const { bytes } of vault.records('pseudonyms')) {
    await insertPseudonym(tx, readPseudonym(bytes));
  }
  let size = 0;
  const latest = new Map<number, Buffer>();
  for await (const batch of batches(vault, 'log-entries')) {
    signal?.throwIfAborted();
    await restoreEntries(tx, size, batch, latest);
    size += batch.length;
  }
  for await (const { name, bytes } of vault.records('checkpoints')) {
    signal?.throwIfAborted();
    await restoreCheckpoint(parts, tx, name, bytes, size);
  }
  for await (const { name, bytes } of vault.records('cosignatures')) {
    await insertCosignature(tx, cosignatureRow(sizeIn(name), bytes.toString('utf8')));
  }
  await restoreDetailed(vault, tx);
  return size;
}

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
const otsProof = z.object({
  size: z.number(),
  calendar: z.string(),
  state: z.enum(['pending', 'complete']),
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
const tombstone = z.object({
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

/** What stands for entries with details: tokens, promises that are still open, holds, removals, fixity. */
async function restoreDetailed(vault: Vault, tx: Queryable): Promise<void> {
  const { rows } = await tx.query<{ type: string; sha256: string }>(
    `select type, detail_sha256 as sha256 from log_entries
     where type in ('timestamped', 'ots-proof', 'hold', 'hold-released', 'tombstone', 'fixity') order by idx`,
  );
  for (const { type, sha256 } of rows) {
    const bytes = await vault.readRecord('log-details', sha256);
    if (bytes === null) throw unreadable(sha256);
    try {
      const detail: unknown = JSON.parse(bytes.toString('utf8'));
      if (type === 'timestamped') await insertTimestamp(tx, token.parse(detail));
      else if (type === 'ots-proof') await restoreTurn(tx, otsProof.parse(detail));
      else if (type === 'fixity')
        for (const row of fixity.parse(detail).results) await insertFixity(tx, row);
      else if (type === 'tombstone') await insertTombstone(tx, tombstone.parse(detail));
      else await insertHold(tx, hold.parse(detail));
    } catch (error) {
      if (error instanceof z.ZodError || error instanceof SyntaxError) throw unreadable(sha256);
      throw error;
    }
  }
}

const detailSchemas: Record<string, z.ZodType> = {
  timestamped: token,
  'ots-proof': otsProof,
  fixity,
  tombstone,
  hold,
  'hold-released': hold,
};

/** That what `restoreDetailed` will want is there. */
async function readDetail(vault: Vault, entry: LogEntry): Promise<void> {
  const schema = detailSchemas[entry.type];
  const sha256 = entry.detail_sha256;
  if (schema === undefined || sha256 === undefined) return;
  const bytes = await vault.readRecord('log-details', sha256);
  if (bytes === null) throw unreadable(sha256);
  try {
    schema.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    throw unreadable(sha256);
  }
}

/** A promise is asked after until the complete proof is there. */
async function restoreTurn(tx: Queryable, proof: z.infer<typeof otsProof>): Promise<void> {
  const { size, calendar, state } = proof;
  if (state === 'complete') await closeTurn(tx, size, calendar);
  else await openTurns(tx, size, [calendar], new Date());
}

function unreadable(sha256: string): IntegrityError {
  return new IntegrityError(
    'record-unreadable',
    `the details ${sha256} of an entry of the log are missing from the vault or can't be read`,
  );
}

/** That the log can be made again, before a catalog is dropped. @throws IntegrityError */
export async function readLogRecords(vault: Vault): Promise<void> {
  let size = 0;
  for await (const batch of batches(vault, 'log-entries')) {
    for (const bytes of batch) {
      await readDetail(vault, entryIn(size, bytes));
      size += 1;
    }
  }
  for await (const { bytes } of vault.records('pseudonyms')) readPseudonym(bytes);
  for await (const name of vault.recordNames('checkpoints')) {
    if (sizeIn(name) > size) throw tooShort(size, sizeIn(name));
  }
}

async function* batches(vault: Vault, kind: 'log-entries'): AsyncGenerator<Buffer[]> {
  let batch: Buffer[] = [];
  let next = 0;
  for await (const { name, bytes } of vault.records(kind)) {
    if (name !== recordName(next)) {
      throw new IntegrityError(
        'log-has-a-hole',
        `the vault has the entry ${name} of the log where ${recordName(next)} should follow: restore the vault first`,
      );
    }
    next += 1;
    batch.push(bytes);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function restoreCheckpoint(
  parts: Parts,
  tx: Queryable,
  name: string,
  note: Buffer,
  logSize: number,
): Promise<void> {
  const size = sizeIn(name);
  if (size > logSize) throw tooShort(logSize, size);
  const origin = (await publicKeys(parts.vault))[0]?.name ?? '';
  const root = await logRoot(tx, size);
  if (!note.toString('utf8').startsWith(`${checkpointText({ origin, size, root })}\n`)) {
    throw new IntegrityError(
      'log-differs',
      `the entries in the vault do not have the root of the checkpoint over ${size} of them`,
    );
  }
  const sha256 = createHash('sha256').update(note).digest('hex');
  await insertCheckpoint(tx, { size, root, note, sha256, madeAt: await madeAt(tx, size) });
}

/** A checkpoint carries no time. Its last entry is older than it, and by little. */
async function madeAt(tx: Queryable, size: number): Promise<Date> {
  const { rows } = await tx.query<{ at: Date }>('select at from log_entries where idx = $1', [
    size - 1,
  ]);
  return rows[0]?.at ?? new Date(0);
}

/** Sizes are the first part of the names of records about checkpoints. @throws IntegrityError */
function sizeIn(name: string): number {
  const size = Number(name.split('.')[0]);
  if (Number.isSafeInteger(size) && size > 0) return size;
  throw new IntegrityError('record-unreadable', `a record ${name} about no checkpoint`);
}

function tooShort(size: number, checkpoint: number): IntegrityError {
  return new IntegrityError(
    'log-incomplete',
    `the vault has ${size} entries of the log, and a checkpoint over ${checkpoint}: restore the vault first`,
  );
}
