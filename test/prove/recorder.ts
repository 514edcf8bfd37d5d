/**
 * On every page set: each body that the server sent is in the record by its digest, or named in
 * the class that it ended in; where nothing is cut, all of them are recorded. Size: runs of each set.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { PageVisit } from '../../src/visit/visit-page.ts';
import { makeClip } from '../support/clips.ts';
import type { Served } from '../support/page-server.ts';
import { type SetFacts, type SetServer, startSetServer } from '../support/page-set-server.ts';
import { balance, pageSetNames, type SetOptions } from '../support/page-sets.ts';
import { openRecordingRig, type RecordingRig } from '../support/recording-rig.ts';
import type { Proof } from './proof.ts';
import { watchMemory } from './watch-memory.ts';

const growthLimitMiB = 64;

export const proof: Proof = {
  fullSize: 20,
  async prove({ size, seed, say }) {
    await using rig = await openRecordingRig();
    const clip = await makeClip(rig.folder, { size: '320x180', seconds: 2 });
    const options = { seed: String(seed), clip, isFull: true };
    // The first visit loads the browser driver: idle is what comes after.
    await proveSet(rig, 'P1', options, 1);
    for (const name of pageSetNames) say(await proveSet(rig, name, options, size));
  },
};

/** In so many visits of one set. Says what was recorded of it, and how far this process grew. */
async function proveSet(
  rig: RecordingRig,
  name: string,
  options: SetOptions,
  visits: number,
): Promise<string> {
  await using server = await startSetServer(name, options, rig.authority);
  const sums = { recorded: 0, served: 0 };
  let growth = 0;
  for (let visit = 0; visit < visits; visit += 1) {
    const { recorded, served, growthMiB } = await visitServed(rig, server);
    growth = Math.max(growth, growthMiB);
    sums.recorded += recorded;
    sums.served += served;
  }
  assert.ok(growth <= growthLimitMiB, `${name}: this process grew by ${growth} MiB`);
  const ratio = (sums.recorded / sums.served).toFixed(3);
  return `${name}, ${server.set.what}: ${sums.recorded} of ${sums.served} bodies recorded (${ratio}) in ${visits} runs, none lost; peak minus idle ${growth.toFixed(0)} MiB`;
}

/** Visits a set once and judges the record; the growth is that of the visit alone. */
async function visitServed(rig: RecordingRig, server: SetServer) {
  const open = await server.open();
  const memory = watchMemory(50);
  const made = await rig.visit(open.url, { timeoutMs: 60_000 });
  const growthMiB = memory.growthMiB();
  return { ...(await judge(server.set, made, await open.close())), growthMiB };
}

/** Throws where the record is not what was served. */
export async function judge(set: SetFacts, made: PageVisit, served: Served[]) {
  assert.equal(made.state, set.state, `${set.name}: ${made.reason}`);
  const { lost, ...counts } = balance(served, made.exchanges);
  assert.deepEqual(lost, [], `${set.name}: bodies that are neither recorded nor named`);
  const notKept = made.exchanges.filter((one) => one.class === 'not-kept');
  for (const { url: at, reason } of notKept) {
    const allowed = set.lacking[new URL(at).pathname]?.split('|') ?? set.mayLack;
    assert.ok(allowed.includes(reason ?? ''), `${set.name}: ${at} is ${reason}`);
  }
  for (const path of Object.keys(set.lacking)) {
    const named = notKept.some((one) => new URL(one.url).pathname === path);
    assert.ok(named, `${set.name}: ${path} should be named as not kept`);
  }
  if (notKept.length === 0) assert.equal(counts.recorded, counts.served, set.name);
  for (const { response } of made.exchanges) {
    if (response?.body) assert.equal(await sha256Of(response.body.path), response.body.sha256);
  }
  return counts;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
