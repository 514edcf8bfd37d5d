/**
 * Compares every row that a claim rests on, or that people look at, with the vault: the
 * catalog is made anew from the vault in a schema of its own, by the code of `rebuild`, and
 * the two are compared table by table. All of it happens in one transaction that is rolled
 * back, so nothing is left behind and nothing is changed.
 *
 * An archive is at work meanwhile: what differs is looked at once more, against a catalog
 * made anew again, and only what differs both times is a fault.
 */

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { compareFingerprints } from '../../catalog/compare-fingerprints.ts';
import { changedGuards } from '../../catalog/compare-guards.ts';
import {
  compareTable,
  mostDifferences,
  type TableDifference,
} from '../../catalog/compare-tables.ts';
import { type Queryable, withinTransaction } from '../../catalog/database.ts';
import { lastPosition, strayInStream } from '../../catalog/event-stream.ts';
import { createCatalog } from '../../catalog/migrate.ts';
import { type Parts, timeNow } from '../parts.ts';
import { rebuildCatalog } from '../rebuild/catalog.ts';
import { messageOf } from '../run-step.ts';
import { compared } from './compared-tables.ts';

export interface TableFinding {
  subject: string;
  ok: boolean;
  message: string;
}

/** Rows that are younger than this may not have reached the vault or the database yet. */
const marginMs = 60_000;
const usualSettleMs = 2_000;

class RolledBack extends Error {}

/** What differs, by the subject of its finding. */
type Look = Map<string, TableDifference>;

/** One line a table. Never throws for what it finds; throws when aborted. */
export async function* verifyCatalog(
  parts: Parts,
  signal?: AbortSignal,
  settleMs = usualSettleMs,
): AsyncGenerator<TableFinding> {
  try {
    const first = await look(parts, signal);
    const differs = [...first.values()].some(({ missing, extra }) => missing.length + extra.length);
    if (!differs) return yield* findingsOf(first);
    await sleep(settleMs, undefined, signal === undefined ? {} : { signal });
    yield* findingsOf(both(first, await look(parts, signal)));
  } catch (error) {
    signal?.throwIfAborted();
    yield {
      subject: 'catalog',
      ok: false,
      message: `can't be compared with the vault: ${messageOf(error)}`,
    };
  }
}

function* findingsOf(found: Look): Generator<TableFinding> {
  for (const [subject, { missing, extra, expected }] of found)
    yield missing.length + extra.length === 0
      ? { subject, ok: true, message: `${expected} ${rowsOrGuards(subject, expected)}` }
      : { subject, ok: false, message: inWords(subject, missing, extra) };
}

function rowsOrGuards(subject: string, count: number): string {
  return subject === guards
    ? 'triggers, views, functions and constraints, as they were made'
    : `${count === 1 ? 'row' : 'rows'}, as the vault has them`;
}

function inWords(subject: string, missing: string[], extra: string[]): string {
  if (subject === guards)
    return `${counted(missing)} are missing, added, switched off or changed: ${missing.join(', ').slice(0, 2_000)}`;
  const sample = [missing[0], extra[0]].filter((row) => row !== undefined).join(' / ');
  return `rows that are missing or differ: ${counted(missing)}; that are not in the vault: ${counted(extra)}: ${sample.slice(0, 2_000)}`;
}

function counted({ length }: string[]): string {
  return length < mostDifferences ? String(length) : `at least ${length}`;
}

/** What differs both times. */
function both(first: Look, second: Look): Look {
  return new Map(
    [...second].map(([subject, difference]) => {
      const before = first.get(subject);
      const again = (rows: string[], earlier: string[] = []) => {
        const known = new Set(earlier);
        return rows.filter((row) => known.has(row));
      };
      return [
        subject,
        {
          ...difference,
          missing: again(difference.missing, before?.missing),
          extra: again(difference.extra, before?.extra),
        },
      ];
    }),
  );
}

async function look(parts: Parts, signal?: AbortSignal): Promise<Look> {
  const found: Look = new Map();
  await parts.database
    .transaction(async (tx) => {
      await compareWithVault(parts, tx, found, signal);
      throw new RolledBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error;
    });
  return found;
}

const guards = 'guards';

async function compareWithVault(
  parts: Parts,
  tx: Queryable,
  found: Look,
  signal?: AbortSignal,
): Promise<void> {
  const live = parts.database.schema;
  const expected = `${live}_verify_${randomBytes(4).toString('hex')}`;
  const written = new Date(timeNow(parts).getTime() - marginMs);
  const schemas = { expected, live, written, told: await lastPosition(tx) };
  const database = withinTransaction(tx, expected);
  await createCatalog(database);
  await rebuildCatalog({ ...parts, database }, signal);
  for (const one of compared) {
    signal?.throwIfAborted();
    found.set(`table ${one.table}`, await compareTable(tx, schemas, one));
  }
  found.set('table fingerprints', await compareFingerprints(tx, schemas));
  found.set('table event_stream', await strayInStream(tx, schemas));
  const { changed, count } = await changedGuards(tx, schemas);
  found.set(guards, { expected: count, missing: changed, extra: [] });
}
