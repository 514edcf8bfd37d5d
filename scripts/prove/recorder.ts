/**
 * On every page set: each body that the server sent is in the record by its digest, or named in
 * the class that it ended in; where nothing is cut, all of them are recorded. Size: runs of each set.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { makeClip } from '../../test/support/clips.ts';
import { balance, type PageSet, pageSets } from '../../test/support/page-sets.ts';
import {
  openRecordingRig,
  type RecordingRig,
  type RigOptions,
} from '../../test/support/recording-rig.ts';
import type { Proof } from './proof.ts';
import { watchMemory } from './watch-memory.ts';

const growthLimitMiB = 64;

export const proof: Proof = {
  fullSize: 20,
  async prove({ size, seed, say }) {
    await using rig = await openRecordingRig();
    const clip = await makeClip(rig.folder, { size: '320x180', seconds: 2 });
    const sets = pageSets({ seed: String(seed), clip, isFull: true });
    // The first visit loads the browser driver: idle is what comes after.
    await proveSet(rig, sets[0] as PageSet);
    for (const set of sets) {
      const sums = { recorded: 0, served: 0 };
      let growth = 0;
      for (let run = 0; run < size; run += 1) {
        const memory = watchMemory(50);
        const { recorded, served } = await proveSet(rig, set, { timeoutMs: 60_000 });
        growth = Math.max(growth, memory.growthMiB());
        sums.recorded += recorded;
        sums.served += served;
      }
      const ratio = (sums.recorded / sums.served).toFixed(3);
      say(
        `${set.name}, ${set.what}: ${sums.recorded} of ${sums.served} bodies recorded (${ratio}) in ${size} runs, none lost; peak minus idle ${growth.toFixed(0)} MiB`,
      );
      assert.ok(growth <= growthLimitMiB, `${set.name}: this process grew by ${growth} MiB`);
    }
  },
};

/** Visits a set once and throws where the record is not what was served. */
export async function proveSet(rig: RecordingRig, set: PageSet, options: RigOptions = {}) {
  const { made, served, url } = await rig.visitSet(set, options);
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
  if (notKept.length === 0) assert.equal(counts.recorded, counts.served, url('/'));
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
