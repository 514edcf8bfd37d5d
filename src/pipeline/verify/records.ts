/** The records that the log holds by their digests, in batches: each is in the vault as it was entered. */
import { createHash } from 'node:crypto';
import { plural } from '../../base/plural.ts';
import { entriesOfTypeFrom, type LogEntryRow } from '../../catalog/log-entries.ts';
import { unloggedState } from '../../catalog/unlogged-records.ts';
import { recordsIn } from '../custody/records-detail.ts';
import type { Parts } from '../parts.ts';
import { messageOf } from '../run-step.ts';
import type { LogFinding } from './log.ts';

type Looking = Pick<Parts, 'database' | 'vault'>;

const entriesAtOnce = 100;

/** Yields every fault, then one line that says what was looked at. */
export async function* verifyRecords(
  parts: Looking,
  signal?: AbortSignal,
): AsyncGenerator<LogFinding> {
  const counts = { batches: 0, records: 0, faults: 0 };
  for (let from = 0; ; ) {
    const entries = await entriesOfTypeFrom(parts.database, 'records', from, entriesAtOnce);
    for (const entry of entries) yield* batchFaults(parts, entry, counts, signal);
    const last = entries.at(-1);
    if (last === undefined) break;
    from = last.idx + 1;
  }
  const { count: waiting } = await unloggedState(parts.database);
  const message = `${plural(counts.records, 'record')} in ${plural(counts.batches, 'batch', 'batches')}, ${waiting} waiting for the next`;
  yield {
    subject: 'records',
    ok: counts.faults === 0,
    message: counts.faults === 0 ? message : `${plural(counts.faults, 'fault')}; ${message}`,
  };
}

async function* batchFaults(
  { vault }: Looking,
  { idx, detailSha256 }: LogEntryRow,
  counts: { batches: number; records: number; faults: number },
  signal?: AbortSignal,
): AsyncGenerator<LogFinding> {
  counts.batches += 1;
  // That details are missing is told with the entry.
  for (const { kind, name, sha256 } of (await recordsIn(vault, detailSha256 ?? '')) ?? []) {
    signal?.throwIfAborted();
    counts.records += 1;
    const fault = await faultOf(vault, kind, name, sha256);
    if (fault === null) continue;
    counts.faults += 1;
    yield {
      subject: `record ${kind}/${name}`,
      ok: false,
      message: `${fault} (entry ${idx} of the log)`,
    };
  }
}

async function faultOf(
  vault: Looking['vault'],
  kind: Parameters<Looking['vault']['readRecord']>[0],
  name: string,
  sha256: string,
): Promise<string | null> {
  try {
    const bytes = await vault.readRecord(kind, name);
    if (bytes === null) return 'is missing from the vault';
    const found = createHash('sha256').update(bytes).digest('hex');
    return found === sha256 ? null : `was altered: it hashes to ${found}`;
  } catch (error) {
    return `can't be read: ${messageOf(error)}`;
  }
}
