/**
 * Many watches due in the same hour, beside people who paste links: every watch is visited within
 * the hour, and nobody's link waits for them. The worst case of such an hour: all are due at its
 * first minute. Then what coming back costs in bytes: an unchanged visit, an unchanged capture.
 *
 * Real: the worker process, sweeps as jobs, HTTP through the door, Chromium for the pasted links.
 * Not covered: the pace a host is owed (off here: at its default of 500 ms one host is asked 7,200
 * times an hour, so that 10,000 watches need two hosts). What is watched was captured by a row alone.
 */
import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../src/catalog/database.ts';
import type { Proof } from './proof.ts';
import { type ProvingGround, provingGround } from './proving-ground.ts';

const hourMs = 3_600_000;
const firstId = 1227381802398646272n;
const betweenLinksMs = 10_000;
/** A pasted link beside the watches may take so many times as long as one alone. */
const mostSlower = 2;

/** Size: watches. */
export const proof: Proof = {
  fullSize: 10_000,
  async prove({ size, say }) {
    await using ground = await provingGround('postgres');
    const { database } = ground.app.parts;
    const post = posts(ground);
    const worker = ground.startWorker();
    const alone = [await secondsToKeep(ground, post()), await secondsToKeep(ground, post())];
    await captureByRow(database, Array.from({ length: size }, post));
    const before = await held(ground);
    const startedAt = Date.now();
    const beside = await keepWhileDue(ground, post, startedAt);
    const seconds = (Date.now() - startedAt) / 1000;
    const after = await held(ground);
    say(
      `${size} watches due at once, all visited after ${seconds.toFixed(0)} s (${(size / seconds).toFixed(0)}/s); ${beside.length} links pasted meanwhile were kept in ${median(beside).toFixed(1)} s (median; the longest ${Math.max(...beside).toFixed(1)}), one alone in ${median(alone).toFixed(1)} s`,
    );
    assert.ok(seconds * 1000 < hourMs, `visiting took ${seconds} s`);
    assert.ok(
      median(beside) < mostSlower * Math.max(...alone),
      `a pasted link took ${median(beside)} s beside the watches`,
    );
    const perVisit = (what: keyof Held) => Math.round((after[what] - before[what]) / size);
    say(
      `an unchanged visit: ${perVisit('vaultBytes')} bytes of vault and ${perVisit('catalogBytes')} of catalog (with what the pasted links took)`,
    );
    await sayUnchangedCapture(ground, say);
    await worker.stop();
  },
};

/** Each call adds one more post to the small internet; its link. */
function posts({ internet }: ProvingGround): () => string {
  let made = 0;
  return () => {
    const id = String(firstId + BigInt(made++) * 4194304n * 1_000n);
    const author = { id: '90000003', handle: 'example', name: 'Example' };
    internet.world.addPost({ id, author, text: `Post number ${made}, made for a test.` });
    return `https://x.com/example/status/${id}`;
  };
}

async function secondsToKeep(ground: ProvingGround, link: string): Promise<number> {
  const startedAt = Date.now();
  const [record] = await ground.untilClosed(await ground.submit(link), 300_000);
  assert.equal(record?.state, 'complete', link);
  return (Date.now() - startedAt) / 1000;
}

/** A closed capture of each, and a watch on it that is due. */
async function captureByRow(database: Database, links: string[]): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query(
      `with pasted as (
         select gen_random_uuid() as id, link, 'x:status:' || substring(link from '[0-9]+$') as key
         from unnest($1::text[]) as link),
       asked as (
         insert into submissions (id, batch_id, position, link, source_key, capture_id, submitted_by,
           origin, submitted_at)
         select id, id, 0, link, key, id, 'proof', 'human', now() from pasted)
       insert into captures select id, id, key, 'live', now() from pasted`,
      [links],
    );
    await tx.query(
      `insert into capture_outcomes
       select id, source_key, 'complete', repeat('0', 64), now(), now()
       from captures join unnest($1::text[]) as link
         on source_key = 'x:status:' || substring(link from '[0-9]+$')`,
      [links],
    );
    await tx.query(
      `insert into watches (source_key, link, adaptive, captures, next_due_at, created_by, created_at)
       select 'x:status:' || substring(link from '[0-9]+$'), link, true, 'changed', now(), 'proof', now()
       from unnest($1::text[]) as link`,
      [links],
    );
  });
}

/** Pastes a link every few seconds until no watch is due; the seconds that each took. */
async function keepWhileDue(
  ground: ProvingGround,
  post: () => string,
  startedAt: number,
): Promise<number[]> {
  const pasted: Promise<number>[] = [];
  while (Date.now() - startedAt < hourMs && (await unvisited(ground.app.parts.database)) > 0) {
    pasted.push(secondsToKeep(ground, post()));
    await sleep(betweenLinksMs);
  }
  return Promise.all(pasted);
}

async function unvisited(database: Database): Promise<number> {
  const { rows } = await database.query<{ left: number }>(
    `select count(*)::int as left from watches where last_swept_at is null`,
  );
  return rows[0]?.left ?? 0;
}

interface Held {
  vaultBytes: number;
  catalogBytes: number;
}

async function held({ app, home }: ProvingGround): Promise<Held> {
  const { rows } = await app.parts.database.query<{ bytes: string }>(
    'select pg_database_size(current_database()) as bytes',
  );
  return {
    vaultBytes: await bytesBelow(join(home, 'data', 'vault')),
    catalogBytes: Number(rows[0]?.bytes),
  };
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    // What is being put there may be gone by now.
    .map(({ parentPath, name }) =>
      stat(join(parentPath, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function sayUnchangedCapture(ground: ProvingGround, say: (line: string) => void) {
  const link = 'https://tiny.example.org/';
  ground.internet.world.addPage(link, { html: '<!doctype html><title>Tiny</title><p>Tiny.' });
  const sizes = [(await held(ground)).vaultBytes];
  for (let round = 0; round < 2; round += 1) {
    await secondsToKeep(ground, link);
    sizes.push((await held(ground)).vaultBytes);
  }
  const [first, second] = [(sizes[1] ?? 0) - (sizes[0] ?? 0), (sizes[2] ?? 0) - (sizes[1] ?? 0)];
  say(
    `a tiny page: its first capture takes ${first} bytes of vault, a second one of the same ${second} (${Math.round((second / first) * 100)} %)`,
  );
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
