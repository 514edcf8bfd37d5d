/** `kill -9` of the worker in every step, of PostgreSQL and of Redis: the same captures end complete. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unfinishedAmong } from '../../src/catalog/captures.ts';
import { derivingAmong } from '../../src/catalog/derive-jobs.ts';
import { findCaptures } from '../../src/catalog/find.ts';
import { dropCatalog, migrate } from '../../src/catalog/migrate.ts';
import { progressOf } from '../../src/catalog/progress.ts';
import { captureRecord } from '../../src/catalog/show.ts';
import type { CaptureRecord } from '../../src/model/capture-record.ts';
import type { DerivationKind } from '../../src/model/derivation.ts';
import { rebuildCatalog } from '../../src/pipeline/rebuild/catalog.ts';
import { verifyCapture } from '../../src/pipeline/verify/captures.ts';
import { captureStages, type StageName } from '../../src/queue/jobs.ts';
import { twelveSecondClip } from '../internet/content.ts';
import { addFoundingStory, storyText, syntheticIds } from '../internet/founding-story.ts';
import { until } from '../support/queues.ts';
import type { Proof, ProofRun } from './proof.ts';
import { type ProvingGround, provingGround } from './proving-ground.ts';
import { processesWith, type WorkerProcess } from './worker-process.ts';

const patienceMs = 180_000;

/** Size: how many times the whole list of victims is gone through. */
export const proof: Proof = {
  fullSize: 1,
  async prove(run) {
    for (const backend of ['postgres', 'redis'] as const) await proveOn(backend, run);
  },
};

/** Everything that can be killed, with the stage in hand at that moment. */
const workerVictims: Victim[] = [
  ...captureStages.map((stage) => ({ victim: 'worker' as const, stage })),
  ...(['keyframes', 'fingerprints', 'render', 'metadata'] as const).map((making) => ({
    ...{ victim: 'worker' as const, stage: 'derive' as const, making },
  })),
];

interface Victim {
  victim: 'worker' | 'postgres' | 'redis';
  stage: StageName;
  /** In the derive stage: what is being made. */
  making?: DerivationKind;
}

export async function proveOn(
  backend: 'postgres' | 'redis',
  { size, say, text = storyText }: ProofRun & { text?: string },
  victims: Victim[] = [
    ...workerVictims,
    { victim: 'postgres', stage: 'page' },
    { victim: 'postgres', stage: 'derive', making: 'keyframes' },
    ...(backend === 'redis' ? [{ victim: 'redis' as const, stage: 'page' as const }] : []),
  ],
): Promise<void> {
  await using ground = await provingGround(backend);
  await addFoundingStory(ground.internet.world);
  let worker = ground.startWorker();
  const expected = shapesOf(await ground.untilClosed(await ground.submit(text), patienceMs));
  const all: string[] = [];
  for (let pass = 0; pass < size; pass += 1) {
    for (const { victim, stage, making } of victims) {
      const startedAt = Date.now();
      // A file that was kept before is not decoded again, and there would be little to kill.
      const clip = { ...twelveSecondClip, serial: all.length };
      ground.internet.world.alter(syntheticIds.clip, { media: [{ kind: 'video', clip }] });
      const ids = await ground.submit(text);
      all.push(...ids);
      await (making === undefined ? untilActive(ground, stage) : untilMaking(ground, ids, making));
      worker = await strike(ground, victim, worker);
      const records = await ground.untilClosed(ids, patienceMs);
      assert.deepEqual(
        shapesOf(records),
        expected,
        `after killing ${victim} in ${making ?? stage}`,
      );
      say(
        `${backend}: ${victim} killed while ${making ?? stage} ran; all complete, same files, ${((Date.now() - startedAt) / 1000).toFixed(1)} s`,
      );
    }
  }
  await worker.stop();
  await until(() => processesWith(ground.home).every((line) => line.includes('postgres')), 20_000);
  await proveRebuild(ground, all, say);
}

/** State and the names of files: equal for an undisturbed capture and a disturbed one. */
function shapesOf(records: CaptureRecord[]): unknown[] {
  return records
    .map(({ source, state, artifacts }) => ({
      source,
      state,
      files: [...new Set(artifacts.map(({ name }) => withoutPosition(name)))].sort(),
    }))
    .sort((a, b) => (a.source < b.source ? -1 : 1));
}

/**
 * How many questions a route needs differs: a guest token, for one, is asked for once a
 * process. And a file that took several attempts keeps what each of them asked. Large
 * bodies are named by their digest, and each capture brings a clip of its own.
 */
function withoutPosition(name: string): string {
  return name
    .replace(/^(warc\/bodies\/)[0-9a-f]{64}$/, '$1')
    .replace(/^record\/\d+-/, 'record/')
    .replace(/^(media\/exchanges\/.*)-\d+-\d+\.json$/, '$1');
}

async function untilActive(ground: ProvingGround, stage: StageName): Promise<void> {
  const queue = await ground.app.queue();
  await until(async () => (await queue.counts())[stage].active > 0, patienceMs);
}

async function untilMaking(
  ground: ProvingGround,
  captureIds: string[],
  kind: DerivationKind,
): Promise<void> {
  const { database } = ground.app.parts;
  await until(
    async () =>
      (await progressOf(database, captureIds)).some(({ note }) => note?.split(' ')[0] === kind) ||
      // Made in a moment: all of it is over before anybody could strike.
      ((await unfinishedAmong(database, captureIds)).length === 0 &&
        (await derivingAmong(database, captureIds)).length === 0),
    patienceMs,
  );
}

async function strike(
  ground: ProvingGround,
  victim: 'worker' | 'postgres' | 'redis',
  worker: WorkerProcess,
): Promise<WorkerProcess> {
  if (victim === 'worker') {
    await worker.kill();
    return ground.startWorker();
  }
  if (victim === 'redis') {
    await ground.redis?.kill();
    await ground.redis?.start();
    return worker;
  }
  const pidFile = join(ground.home, 'data', 'postgres', 'db', 'postmaster.pid');
  process.kill(Number((await readFile(pidFile, 'utf8')).split('\n')[0]), 'SIGKILL');
  return worker;
}

/** The catalog dropped and rebuilt answers the same, and agrees with every manifest. */
async function proveRebuild(
  ground: ProvingGround,
  captureIds: string[],
  say: (line: string) => void,
): Promise<void> {
  const { parts } = ground.app;
  const answers = async () => ({
    shown: await Promise.all(captureIds.map((id) => captureRecord(parts.database, id))),
    found: await findCaptures(parts.database, { text: 'demonstration', limit: 1000 }),
  });
  const before = await answers();
  await dropCatalog(parts.database);
  await migrate(parts.database, parts.log);
  const rebuilt = await rebuildCatalog(parts);
  assert.deepEqual(await answers(), before);
  for (const id of captureIds) {
    for await (const check of verifyCapture(parts, id))
      assert.equal(check.ok, true, JSON.stringify(check));
  }
  say(
    `catalog dropped and rebuilt: ${rebuilt.captures} captures answer the same, every manifest verifies`,
  );
}
