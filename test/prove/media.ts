/**
 * What is said of media holds. Cuts: on clips of ten kinds whose cuts are known, at least
 * 95 % of hard cuts are found, no more than one false one a minute, and every time is one
 * that ffprobe has. Hostile files: whatever bytes a file has, looking at it ends within its
 * limits, in a state with a reason, and no other file is read. Size: hostile files.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileVault } from '../../src/vault/files.ts';
import { type CutKind, checkCuts, cutKinds } from './media-cuts.ts';
import { attackWith } from './media-hostile.ts';
import type { Proof, ProofRun } from './proof.ts';

export const proof: Proof = {
  fullSize: 10_000,
  async prove(run) {
    await proveCuts(run, Object.keys(cutKinds) as CutKind[], 12);
    await proveHostile(run);
  },
};

/** @param shots how many each clip has, of two to four seconds */
export async function proveCuts(
  { seed, say }: Pick<ProofRun, 'seed' | 'say'>,
  kinds: CutKind[],
  shots: number,
): Promise<void> {
  await using ground = await scratch();
  const total = { expected: 0, found: 0, wrong: 0, minutes: 0, times: 0 };
  for (const kind of kinds) {
    const result = await checkCuts(ground, kind, { shots, seed });
    say(
      `${kind}: ${result.found} of ${result.expected} hard cuts, ${result.wrong} false in ` +
        `${result.minutes.toFixed(1)} min, ${result.times} times all ffprobe's`,
    );
    for (const name of ['expected', 'found', 'wrong', 'minutes', 'times'] as const) {
      total[name] += result[name];
    }
    assert.ok(result.wrong <= Math.max(1, result.minutes), `${kind}: ${result.wrong} false cuts`);
  }
  say(
    `together ${total.found} of ${total.expected} hard cuts, ${total.wrong} false in ${total.minutes.toFixed(1)} min`,
  );
  assert.ok(total.found >= 0.95 * total.expected, 'at least 95 % of hard cuts are found');
}

export async function proveHostile({ size, seed, say }: ProofRun): Promise<void> {
  await using ground = await scratch();
  const { states, slowestMs, canary } = await attackWith(ground, size, seed);
  say(`${size} hostile files, slowest ${slowestMs.toFixed(0)} ms: ${JSON.stringify(states)}`);
  say(canary);
}

export type Scratch = Awaited<ReturnType<typeof scratch>>;

async function scratch() {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-media-'));
  return {
    folder,
    vault: await openFileVault(join(folder, 'vault')),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
