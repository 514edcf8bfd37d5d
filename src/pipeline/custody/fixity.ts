/**
 * Fixity: every stored object is hashed again within so many days. Each result is written
 * down; a run is summed up in the log; a fault raises an alarm and is mended from the
 * second store, where there is one that still has the right bytes. What was found damaged
 * is set aside, never deleted.
 */
import { uuidv7 } from 'uuidv7';
import type { NewEvent } from '../../catalog/events.ts';
import {
  dueForFixity,
  type FixityResult,
  type FixityRow,
  holdersOf,
  insertFixity,
} from '../../catalog/fixity.ts';
import { openFileVault } from '../../vault/files.ts';
import type { Vault } from '../../vault/vault.ts';
import { noteEvents, withRecords } from '../keep-record.ts';
import type { Parts } from '../parts.ts';
import { messageOf } from '../run-step.ts';
import { type CustodyEvent, noteCustody } from './custody-event.ts';

export interface FixityRun {
  checked: number;
  faults: number;
  mended: number;
  sizeBytes: number;
}

export interface FixityOptions {
  signal: AbortSignal;
  /** Objects that were last seen well before then; default: so that all come round in time. */
  before?: Date;
  /** Ends the run after so long; what is left comes in the next. */
  forMs?: number;
}

const dayMs = 24 * 60 * 60_000;
const pageSize = 500;
/** A quarter of the time is kept for what a full disk or a stopped machine takes. */
const shareOfDays = 0.75;

export async function sweepFixity(parts: Parts, options: FixityOptions): Promise<FixityRun> {
  const { signal, forMs = 60_000 } = options;
  const dueMs = parts.config.seal.fixityDays * dayMs * shareOfDays;
  const before = options.before ?? new Date(Date.now() - dueMs);
  const second = await secondVault(parts);
  const runId = uuidv7();
  const endsAt = Date.now() + forMs;
  const rows: FixityRow[] = [];
  let sizeBytes = 0;
  try {
    for (const object of await dueForFixity(parts.database, before, pageSize)) {
      if (signal.aborted || Date.now() > endsAt) break;
      const row = await checkObject(parts, second, runId, object, signal);
      if (row === null) break;
      rows.push(row);
      sizeBytes += object.sizeBytes;
      if (row.result !== 'ok') await alarm(parts, row);
    }
  } catch (error) {
    // What was seen until then was seen; why it could not go on is what is told.
    await sumUp(parts, runId, rows, sizeBytes).catch(() => undefined);
    throw error;
  }
  await sumUp(parts, runId, rows, sizeBytes);
  const faults = rows.filter(({ result }) => result !== 'ok');
  const mended = faults.filter((row) => row.mended).length;
  return { checked: rows.length, faults: faults.length, mended, sizeBytes };
}

/** The second store; `null` where the settings name none. */
async function secondVault(parts: Pick<Parts, 'config'>): Promise<Vault | null> {
  const folder = parts.config.seal.secondVault;
  return folder === null ? null : openFileVault(folder);
}

/** `null` when it was stopped in the middle: that says nothing about the object. */
async function checkObject(
  parts: Parts,
  second: Vault | null,
  runId: string,
  { sha256, sizeBytes }: { sha256: string; sizeBytes: number },
  signal: AbortSignal,
): Promise<FixityRow | null> {
  const found = await look(parts.vault, sha256, signal);
  if (signal.aborted) return null;
  const row = { id: uuidv7(), runId, sha256, mended: false, ...found, checkedAt: new Date() };
  if (second === null) return row;
  if (row.result === 'ok') {
    await copyOver(parts, second, sha256, sizeBytes, signal);
    return row;
  }
  return { ...row, ...(await mend(parts, second, row, signal)) };
}

type Found = Pick<FixityRow, 'result' | 'foundSha256' | 'detail'>;

async function look(vault: Vault, sha256: string, signal: AbortSignal): Promise<Found> {
  const as = (result: FixityResult, foundSha256: string | null, detail: string | null = null) => ({
    result,
    foundSha256,
    detail,
  });
  try {
    const found = await vault.rehash(sha256, signal);
    if (found === null) return as('missing', null);
    return as(found.sha256 === sha256 ? 'ok' : 'differs', found.sha256);
  } catch (error) {
    return as('unreadable', null, messageOf(error));
  }
}

/** The second store gets what it lacks; damage there is replaced from here. */
async function copyOver(
  parts: Pick<Parts, 'vault'>,
  second: Vault,
  sha256: string,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const there = await look(second, sha256, signal);
  if (there.result === 'ok' || signal.aborted) return;
  if (there.result !== 'missing') await second.setAside(sha256);
  await second.put(await parts.vault.open(sha256), { signal, maxBytes: sizeBytes });
}

/** Only from bytes that have the right hash; the damaged ones are set aside first. */
async function mend(
  parts: Pick<Parts, 'vault'>,
  second: Vault,
  { sha256, detail }: FixityRow,
  signal: AbortSignal,
): Promise<Pick<FixityRow, 'mended' | 'detail'>> {
  const there = await look(second, sha256, signal);
  if (there.result !== 'ok') {
    return { mended: false, detail: detail ?? `the second store's copy: ${there.result}` };
  }
  const aside = await parts.vault.setAside(sha256);
  await parts.vault.put(await second.open(sha256), { signal });
  const again = await look(parts.vault, sha256, signal);
  const words = aside === null ? '' : `; the damaged bytes are in ${aside}`;
  return { mended: again.result === 'ok', detail: `copied from the second store${words}` };
}

async function alarm(
  parts: Pick<Parts, 'database' | 'log' | 'vault'>,
  row: FixityRow,
): Promise<void> {
  const captures = await holdersOf(parts.database, row.sha256);
  parts.log.error({ ...row, captures }, 'a stored object is not what it was');
  const event: NewEvent = {
    kind: 'verify.failed',
    sourceKey: null,
    detail: {
      sha256: row.sha256,
      result: row.result,
      foundSha256: row.foundSha256,
      mended: row.mended,
      captures,
      message: `object ${row.sha256}: ${row.result}${row.mended ? ', repaired from the second store' : ''}`,
    },
    at: row.checkedAt,
  };
  await withRecords(parts, (tx) => noteEvents(parts, tx, [event]));
}

/** One entry a run; every single result is in its details, and so in the vault before it is a row. */
async function sumUp(
  parts: Parts,
  runId: string,
  rows: FixityRow[],
  sizeBytes: number,
): Promise<void> {
  if (rows.length === 0) return;
  const faults = rows.filter(({ result }) => result !== 'ok');
  const event: CustodyEvent = {
    type: 'fixity',
    by: 'holdfast',
    // An entry is small; all faults are in the details.
    targets: faults.slice(0, 500).map(({ sha256 }) => sha256),
    detail: {
      run: runId,
      checked: rows.length,
      faults: faults.length,
      sizeBytes,
      results: rows.map((row) => ({ ...row, checkedAt: row.checkedAt.toISOString() })),
    },
  };
  await noteCustody(parts, event, async (tx) => {
    for (const row of rows) await insertFixity(tx, row);
  });
}
