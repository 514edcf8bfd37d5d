/**
 * Compares every row that a claim rests on with the vault: the catalog is made anew from
 * the vault in a schema of its own, by the code of `rebuild`, and the two are compared
 * table by table. All of it happens in one transaction that is rolled back, so nothing is
 * left behind and nothing is changed.
 */

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ComparedTable,
  compareTable,
  type TableDifference,
} from '../../catalog/compare-tables.ts';
import { type Queryable, withinTransaction } from '../../catalog/database.ts';
import { createCatalog } from '../../catalog/migrate.ts';
import type { Parts } from '../parts.ts';
import { rebuildCatalog } from '../rebuild/catalog.ts';
import { messageOf } from '../run-step.ts';

export interface TableFinding {
  subject: string;
  ok: boolean;
  message: string;
}

const ofClosed =
  'capture_id in (select capture_id from capture_outcomes) and $2::timestamptz is not null';

/** Words that stand in a file which was removed by order can't be compared with it any more. */
const withFiles = `not exists (
  select from removals join artifacts on artifacts.sha256 = any (removals.targets)
  where artifacts.capture_id = one.capture_id)`;

/** Append-only tables, and why a row may be there that the vault does not speak of. */
export const compared: ComparedTable[] = [
  { table: 'submissions', complete: 'submitted_at < $2' },
  { table: 'captures', complete: 'opened_at < $2' },
  { table: 'source_aliases', complete: ofClosed },
  { table: 'step_attempts', complete: ofClosed },
  // The id is made anew by every rebuild, and nothing refers to it.
  { table: 'artifacts', ignored: ['id'], complete: ofClosed },
  // What is observed and concluded goes on after a capture is closed.
  { table: 'observations', complete: null },
  { table: 'events', complete: null },
  { table: 'checks', complete: 'checked_at < $2' },
  { table: 'captured_posts', complete: ofClosed },
  { table: 'captured_pages', only: withFiles, complete: ofClosed },
  { table: 'captured_texts', only: withFiles, complete: ofClosed },
  { table: 'derivations', complete: 'finished_at < $2' },
  {
    table: 'derived_files',
    complete: 'derivation_id in (select id from derivations where finished_at < $2)',
  },
  { table: 'derive_jobs', complete: 'finished_at < $2' },
  { table: 'capture_outcomes', complete: 'finished_at < $2' },
  { table: 'pseudonyms', complete: 'made_at < $2' },
  { table: 'log_entries', complete: 'at < $2' },
  { table: 'log_nodes', complete: null },
  // A checkpoint carries no time of its own.
  { table: 'checkpoints', ignored: ['made_at'], complete: 'made_at < $2' },
  { table: 'checkpoint_timestamps', complete: 'stored_at < $2' },
  { table: 'checkpoint_cosignatures', complete: 'signed_at < $2' },
  { table: 'fixity_checks', complete: 'checked_at < $2' },
  { table: 'holds', complete: 'at < $2' },
  { table: 'removals', complete: 'at < $2' },
];

/** Append-only too, but no claim about a capture rests on them: likeness, and who was told what. */
export const notCompared = ['cluster_decisions', 'alert_attempts', 'alert_acknowledgements'];

/** Rows that are younger than this may not have reached the vault or the database yet. */
const marginMs = 60_000;
const usualSettleMs = 2_000;

class RolledBack extends Error {}

/** One line a table. Never throws for what it finds; throws when aborted. */
export async function* verifyCatalog(
  parts: Parts,
  signal?: AbortSignal,
  settleMs = usualSettleMs,
): AsyncGenerator<TableFinding> {
  const findings: TableFinding[] = [];
  try {
    await parts.database.transaction(async (tx) => {
      for await (const finding of compareWithVault(parts, tx, settleMs, signal))
        findings.push(finding);
      throw new RolledBack();
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof RolledBack))
      findings.push({
        subject: 'catalog',
        ok: false,
        message: `can't be compared with the vault: ${messageOf(error)}`,
      });
  }
  yield* findings;
}

async function* compareWithVault(
  parts: Parts,
  tx: Queryable,
  settleMs: number,
  signal?: AbortSignal,
): AsyncGenerator<TableFinding> {
  const live = parts.database.schema;
  const expected = `${live}_verify_${randomBytes(4).toString('hex')}`;
  const schemas = { expected, live, written: new Date(Date.now() - marginMs) };
  const database = withinTransaction(tx, expected);
  await createCatalog(database);
  await rebuildCatalog({ ...parts, database }, signal);
  const differences = new Map<ComparedTable, TableDifference>();
  for (const one of compared) {
    signal?.throwIfAborted();
    differences.set(one, await compareTable(tx, schemas, one));
  }
  const lacking = [...differences].filter(([, { missing }]) => missing > 0);
  // The vault comes first: rows of what is being written now may follow.
  if (lacking.length > 0) await sleep(settleMs, undefined, signal === undefined ? {} : { signal });
  for (const [one] of lacking) differences.set(one, await compareTable(tx, schemas, one));
  for (const [{ table }, { missing, extra, sample, expected: rows }] of differences) {
    const subject = `table ${table}`;
    yield missing + extra === 0
      ? { subject, ok: true, message: `${rows} rows, as the vault has them` }
      : {
          subject,
          ok: false,
          message: `${missing} rows are missing or differ, ${extra} are not in the vault: ${sample}`,
        };
  }
}
