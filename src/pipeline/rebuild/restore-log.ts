/** The part of `rebuild` that makes the log again: same entries, same checkpoints, same tokens. */
import { createHash } from 'node:crypto';
import { IntegrityError } from '../../base/errors.ts';
import { insertCheckpoint, insertCosignature } from '../../catalog/checkpoints.ts';
import type { Queryable } from '../../catalog/database.ts';
import { insertPseudonym } from '../../catalog/pseudonyms.ts';
import { publicKeys } from '../../seal/keys.ts';
import { logRoot, recordName, restoreEntries } from '../../seal/log.ts';
import { checkpointText } from '../../seal/note-signing.ts';
import { readPseudonym } from '../../seal/pseudonyms.ts';
import type { Vault } from '../../vault/vault.ts';
import { detailedTypes, restoreDetail } from '../custody/restore-details.ts';
import { cosignatureRow } from '../custody/witness.ts';
import type { Parts } from '../parts.ts';
import { naming } from '../vault-records.ts';

const batchSize = 1_000;

/** Before the captures, so that closing them finds their entries. @throws IntegrityError */
export async function restoreLog(
  parts: Parts,
  tx: Queryable,
  signal?: AbortSignal,
): Promise<number> {
  const { vault } = parts;
  for await (const { name, bytes } of vault.records('pseudonyms')) {
    await naming(`pseudonyms/${name}`, () => insertPseudonym(tx, readPseudonym(bytes)));
  }
  let size = 0;
  const latest = new Map<number, Buffer>();
  for await (const batch of batches(vault, 'log-entries')) {
    signal?.throwIfAborted();
    await restoreBatch(tx, size, batch, latest);
    size += batch.length;
  }
  for await (const { name, bytes } of vault.records('checkpoints')) {
    signal?.throwIfAborted();
    await naming(`checkpoints/${name}`, () => restoreCheckpoint(parts, tx, name, bytes, size));
  }
  for await (const { name, bytes } of vault.records('cosignatures')) {
    const line = bytes.toString('utf8');
    await naming(`cosignatures/${name}`, () =>
      insertCosignature(tx, cosignatureRow(sizeIn(name), line)),
    );
  }
  await restoreDetails(vault, tx, signal);
  return size;
}

/** PostgreSQL refuses a batch as a whole; entered one by one, the entry that it means is known. */
async function restoreBatch(
  tx: Queryable,
  from: number,
  batch: Buffer[],
  latest: Map<number, Buffer>,
): Promise<void> {
  const before = new Map(latest);
  await tx.query('savepoint batch');
  try {
    await restoreEntries(tx, from, batch, latest);
  } catch (error) {
    await tx.query('rollback to savepoint batch');
    for (const [position, bytes] of batch.entries()) {
      const idx = from + position;
      const enter = () => restoreEntries(tx, idx, [bytes], before);
      await naming(`log-entries/${recordName(idx)}`, enter);
    }
    throw error;
  }
  await tx.query('release savepoint batch');
}

async function restoreDetails(vault: Vault, tx: Queryable, signal?: AbortSignal): Promise<void> {
  const { rows } = await tx.query<{ idx: number; type: string; detailSha256: string | null }>(
    `select idx, type, detail_sha256 as "detailSha256" from log_entries
     where type = any($1) order by idx`,
    [detailedTypes],
  );
  for (const entry of rows) {
    signal?.throwIfAborted();
    await restoreDetail(vault, tx, entry);
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
  parts: Pick<Parts, 'vault'>,
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
  throw new IntegrityError('record-unreadable', `the record ${name} belongs to no checkpoint`);
}

function tooShort(size: number, checkpoint: number): IntegrityError {
  return new IntegrityError(
    'log-incomplete',
    `the vault has ${size} entries of the log, and a checkpoint over ${checkpoint}: restore the vault first`,
  );
}
