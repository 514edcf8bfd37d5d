/**
 * Appending to a log of a million entries, and proving one of them. Both are measured on
 * real PostgreSQL and a real vault, against the same on an empty log: they should cost the
 * same, however long the log is.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import type { Database, Queryable } from '../../src/catalog/database.ts';
import { logSize } from '../../src/catalog/log-entries.ts';
import {
  appendEntry,
  type LogStore,
  logRoot,
  readNodes,
  restoreEntries,
} from '../../src/seal/log.ts';
import { writeEntry } from '../../src/seal/log-entry.ts';
import { consistencyProof, inclusionProof, leafHash } from '../../src/seal/merkle-tree.ts';
import { verifyConsistency, verifyInclusion } from '../../src/seal/verify/formats/merkle.ts';
import { openFileVault } from '../../src/vault/files.ts';
import { testDatabase } from '../../test/support/database.ts';
import { type Bench, type BenchRun, median, percentile } from './bench.ts';

const fullSize = Number(process.env.BENCH_LOG_ENTRIES ?? 1_000_000);
const limitMs = 5;
const batchSize = 5_000;
const actor = 'a'.repeat(32);

export const bench: Bench = {
  async measure(run) {
    await measureLog(fullSize, run);
  },
};

/** @returns the medians in ms, and whether each is below the limit */
async function measureLog(size: number, { pairs, say }: BenchRun) {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-log-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const { database, close } = await testDatabase();
  opened.defer(close);
  const store = {
    vault: await openFileVault(join(folder, 'vault')),
    keysFolder: join(folder, 'keys'),
    adopt: async () => {},
  };
  const rounds = Math.max(20, pairs * 20);
  const empty = await timeBoth(database, store, rounds);
  await fill(database, size, say);
  await database.query('analyze log_entries, log_nodes');
  const full = await timeBoth(database, store, rounds);
  say(
    `what no append can do without, one record with fsync and one commit: ${median(full.diskMs).toFixed(2)} ms on this disk now`,
  );
  for (const [name, of] of Object.entries({ append: 'appendMs', proof: 'proofMs' } as const)) {
    const times = full[of];
    const ratio = median(times) / median(empty[of]);
    say(
      `${name} at ${size} entries: median ${median(times).toFixed(2)} ms, 95 % below ${percentile(times, 0.95).toFixed(2)} ms, ` +
        `${ratio.toFixed(2)} x that of a log of ${rounds}; ${median(times) < limitMs ? 'below' : 'NOT below'} ${limitMs} ms`,
    );
  }
  return { appendMs: median(full.appendMs), proofMs: median(full.proofMs) };
}

interface Times {
  diskMs: number[];
  appendMs: number[];
  proofMs: number[];
}

/** An append is everything: lock, vault with fsync, rows, commit. A proof is one of each kind. */
async function timeBoth(database: Database, store: LogStore, rounds: number): Promise<Times> {
  const times: Times = { diskMs: [], appendMs: [], proofMs: [] };
  for (let round = 0; round < rounds; round += 1) {
    const writing = performance.now();
    await store.vault.keepRecord('log-details', randomBytes(32).toString('hex'), randomBytes(400));
    await database.query('insert into host_pace values ($1, now())', [uuidv7()]);
    times.diskMs.push(performance.now() - writing);
    const appending = performance.now();
    await database.transaction((tx) =>
      appendEntry(tx, store, {
        type: 'capture',
        actor,
        case: actor,
        manifestSha256: randomBytes(32).toString('hex'),
      }),
    );
    times.appendMs.push(performance.now() - appending);
    const size = await logSize(database);
    const index = Math.floor(Math.random() * size);
    const proving = performance.now();
    const proof = await inclusionProof(index, size, readNodes(database));
    times.proofMs.push(performance.now() - proving);
    await check(database, index, size, proof);
  }
  return times;
}

/** A proof that proves nothing would be quick too. */
async function check(database: Queryable, index: number, size: number, proof: Buffer[]) {
  const { rows } = await database.query<{ body: Buffer }>(
    'select body from log_entries where idx = $1',
    [index],
  );
  const root = await logRoot(database, size);
  const leaf = leafHash(rows[0]?.body ?? Buffer.alloc(0));
  if (!(await verifyInclusion({ index, size, leaf, proof }, root)))
    throw new Error(`the proof of entry ${index} in ${size} does not verify`);
  const oldSize = Math.max(1, index);
  const claim = {
    oldSize,
    oldRoot: await logRoot(database, oldSize),
    size,
    root,
    proof: await consistencyProof(oldSize, size, readNodes(database)),
  };
  if (!(await verifyConsistency(claim)))
    throw new Error(`the proof that ${size} continues ${oldSize} does not verify`);
}

/** Rows as `rebuild` makes them; the vault needs only what is appended afterwards. */
async function fill(database: Database, size: number, say: (line: string) => void): Promise<void> {
  const startedAt = performance.now();
  let from = await logSize(database);
  const { rows } = await database.query<{ level: number; hash: Buffer }>(
    'select distinct on (level) level, hash from log_nodes order by level, idx desc',
  );
  const latest = new Map(rows.map(({ level, hash }) => [level, hash]));
  // A case of its own: this chain is not looked at.
  const other = 'b'.repeat(32);
  const first = from;
  while (from < size) {
    const bodies = Array.from({ length: Math.min(batchSize, size - from) }, (_, position) =>
      writeEntry({
        v: 1,
        type: 'capture',
        id: uuidv7(),
        at: new Date().toISOString(),
        actor,
        case: other,
        case_seq: from - first + position,
        case_prev: randomBytes(32).toString('hex'),
        manifest_sha256: randomBytes(32).toString('hex'),
      }),
    );
    await database.transaction((tx) => restoreEntries(tx, from, bodies, latest));
    from += bodies.length;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  say(`${size} entries filled in, as a rebuild does, in ${seconds.toFixed(0)} s`);
}
