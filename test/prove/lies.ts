/**
 * On pages that show one thing and serve another to whoever asks again: whatever was given to the
 * browser is in the record, or the record says that it isn't; never is one complete that lacks
 * something on the screen. The server knows of each request whether the browser made it. Size: pages.
 */
import assert from 'node:assert/strict';
import { makeClip } from '../support/clips.ts';
import { allLies } from '../support/lies/all-lies.ts';
import { type Judged, judgeLies } from '../support/lies/judge-lies.ts';
import type { Lie } from '../support/lies/lie.ts';
import { markedClient, openLyingSite, Stage } from '../support/lies/lying-site.ts';
import { openRecordingRig, type RecordingRig } from '../support/recording-rig.ts';
import { chance } from './chance.ts';
import type { Proof, ProofRun } from './proof.ts';

interface Tally {
  pages: number;
  shown: number;
  complete: number;
}

const sideBySide = 2;

export const proof: Proof = {
  fullSize: 200,
  async prove({ size, seed, say }) {
    await using rig = await openRecordingRig();
    const tallies = new Map(allLies.map((lie) => [lie, { pages: 0, shown: 0, complete: 0 }]));
    const clip = await makeClip(rig.folder, { size: '320x180', seconds: 2 });
    const faults: string[] = [];
    let next = 0;
    const lane = async () => {
      while (next < size) {
        const page = next++;
        const lie = allLies[page % allLies.length];
        if (lie === undefined) return;
        const stage = stageOf(lie, '/lie', { seed, page, clip });
        const judged = await visitLies(rig, [stage], '/lie/', lie);
        count(tallies.get(lie), judged);
        faults.push(...faultsOf(lie, judged));
      }
    };
    await Promise.all(Array.from({ length: sideBySide }, lane));
    tell(tallies, say);
    assert.deepEqual(faults, []);
  },
};

/** Lies that get along, each in a frame of one page: what is missing is told by its address. */
export async function proveTogether(rig: RecordingRig, lies: Lie[], seed: number): Promise<void> {
  const clip = await makeClip(rig.folder, { size: '320x180', seconds: 1 });
  const stages = lies.map((lie, page) => stageOf(lie, `/lie-${page}`, { seed, page, clip }));
  const frames = lies.map((_, page) => `<iframe width=600 height=90 src="/lie-${page}/"></iframe>`);
  const front = new Stage('', String(seed), chance(seed), clip);
  front.gives('/', { body: `<!doctype html>${frames.join('')}` });
  const { lost, missing } = await visitLies(rig, [front, ...stages], '/', {});
  const needless = lies.flatMap(({ name, isHeld }, page) => {
    const lacks = missing.filter((one) => one.includes(`/lie-${page}/`));
    return isHeld && lacks.some((one) => !isUnbegun(one)) ? [name] : [];
  });
  assert.deepEqual({ lost, needless }, { lost: [], needless: [] }, missing.join());
}

/** Of several service workers that begin at once Chromium now and then asks for no script: it says so itself. */
function isUnbegun(missing: string): boolean {
  return /^in-flight: .*\/sw\.js$/.test(missing);
}

function stageOf(
  lie: Lie,
  folder: string,
  { seed, page, clip }: { seed: number; page: number; clip: Buffer },
): Stage {
  const stage = new Stage(folder, `${seed} ${page}`, chance(seed * 1_000 + page), clip);
  lie.lay(stage);
  return stage;
}

async function visitLies(
  rig: RecordingRig,
  stages: Stage[],
  path: string,
  { isSecure = false, documentTimeoutMs = 10_000 }: Pick<Lie, 'isSecure' | 'documentTimeoutMs'>,
): Promise<Judged> {
  await using site = await openLyingSite(stages, isSecure ? rig.authority : null);
  const made = await rig.visit(site.url(path), {
    client: markedClient(rig.egress.client),
    documentTimeoutMs,
    timeoutMs: 30_000,
  });
  return judgeLies(made, site.given);
}

function faultsOf({ name, isHeld, mayShowNothing }: Lie, judged: Judged): string[] {
  const { lost, isComplete, hasShown, missing, text } = judged;
  const faults = lost.map((what) => `${name}: ${what}, and nobody says that it is lost`);
  if (isHeld && !isComplete) faults.push(`${name}: not complete: ${missing.join()}`);
  if (!mayShowNothing && !hasShown) faults.push(`${name}: shows nothing: ${text}`);
  return faults;
}

function count(tally: Tally | undefined, { isComplete, hasShown }: Judged): void {
  if (tally === undefined) return;
  tally.pages += 1;
  tally.shown += Number(hasShown);
  tally.complete += Number(isComplete);
}

function tell(tallies: Map<Lie, Tally>, say: ProofRun['say']): void {
  for (const [{ name, isKnown }, { pages, shown, complete }] of tallies) {
    const others = pages - complete;
    say(
      `${isKnown ? ' ' : '*'} ${name}: ${pages} pages, ${shown} showed it; ${complete} complete, ${others} say what is missing`,
    );
  }
  const fresh = [...tallies.keys()].filter(({ isKnown }) => !isKnown).length;
  say(`${tallies.size} kinds, ${fresh} of them (*) told of nowhere before`);
}
