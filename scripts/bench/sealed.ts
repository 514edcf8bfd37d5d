/**
 * How soon a copy is sealed, from the start of the process to its end, with `archive --sealed`: a
 * tiny page; 30 lazy pictures and a clip of 20 MiB, against the same visit by the browser alone and
 * a plain download of the clip; clips of 12 and 60 seconds of six scenes with motion and noise.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CaptureRecord } from '../../src/model/capture-record.ts';
import { makeClip } from '../../test/support/clips.ts';
import { openPageServer, type PageServer, rangedFile } from '../../test/support/page-server.ts';
import { type PageSet, picturesAndVideo, tiny } from '../../test/support/page-sets.ts';
import { openRecordingRig, type RecordingRig } from '../../test/support/recording-rig.ts';
import { sixScenes } from '../../test/support/six-scenes.ts';
import { type Bench, type BenchRun, median } from './bench.ts';
import { browserAlone } from './capture.ts';

const program = fileURLToPath(new URL('../../bin/holdfast', import.meta.url));
const run = promisify(execFile);

export const bench: Bench = {
  async measure(asked) {
    await using rig = await openRecordingRig();
    const archive = archiver(rig);
    const clip = await makeClip(rig.folder, { size: '640x360', seconds: 4 });
    const options = { seed: 'bench', clip, isFull: true };
    // The first run makes the archive and starts its database anew.
    await using warm = await openPageServer(tiny(options).routes);
    await archive(warm.url('/'));
    await tinyPage(asked, tiny(options), archive);
    await gallery(asked, picturesAndVideo(options), { rig, archive });
    for (const seconds of [12, 60]) await scenes(asked, seconds, { rig, archive });
  },
};

/** @returns how long it took until the capture was sealed */
type Archive = (url: string) => Promise<{ ms: number }>;

/** The command line as a person runs it, in an archive of its own. */
function archiver(rig: RecordingRig): Archive {
  const env = {
    PATH: process.env.PATH,
    HOLDFAST_HOME: join(rig.folder, 'home'),
    HOLDFAST_ALLOW_PRIVATE: '127.0.0.1/32',
    HOLDFAST_OPERATOR: 'bench',
  };
  const kept = async (url: string, ...flags: string[]) => {
    const args = ['archive', url, '--json', ...flags];
    const { stdout } = await run(program, args, { cwd: rig.folder, env });
    const { captures } = JSON.parse(stdout) as { captures: CaptureRecord[] };
    for (const { state } of captures) assert.equal(state, 'complete', `${url} is ${state}`);
  };
  return async (url) => {
    const sealed = await timed(() => kept(url, '--again', '--sealed'));
    // What is made of it must not run beside the next.
    await kept(url);
    return sealed;
  };
}

async function timesOf({ pairs }: BenchRun, work: () => Promise<{ ms: number }>) {
  const times: number[] = [];
  for (let turn = 0; turn < pairs; turn += 1) times.push((await work()).ms);
  const range = `${seconds(Math.min(...times))} to ${seconds(Math.max(...times))}`;
  return { middle: median(times), words: `${seconds(median(times))} s (${range})` };
}

const seconds = (ms: number) => (ms / 1000).toFixed(1);

async function tinyPage(asked: BenchRun, set: PageSet, archive: Archive): Promise<void> {
  await using server = await openPageServer(set.routes);
  const times = await timesOf(asked, () => archive(server.url('/')));
  asked.say(`a tiny page, start to exit: ${times.words}; aim 4 s`);
}

interface Tools {
  rig: RecordingRig;
  archive: Archive;
}

async function gallery(asked: BenchRun, set: PageSet, { rig, archive }: Tools): Promise<void> {
  await using server = await openPageServer(set.routes);
  const subject = await timesOf(asked, () => archive(server.url('/')));
  asked.say(`  each picture asked for ${askedFor(server, asked.pairs)} times a capture`);
  const alone = await timesOf(asked, () => timed(() => browserAlone(rig, server.url('/'))));
  const plain = await timesOf(asked, () =>
    timed(async () => void (await (await fetch(server.url('/film.mp4'))).arrayBuffer())),
  );
  const ratio = subject.middle / Math.max(alone.middle, plain.middle);
  asked.say(
    `${set.what}, start to sealed: ${subject.words}; browser alone ${alone.words}, clip alone ` +
      `${plain.words}: ${ratio.toFixed(2)} x the longer; aim 1.5 x`,
  );
}

function askedFor({ served }: PageServer, captures: number): string {
  const pictures = served.filter(({ url }) => /picture-\d+\.png$/.test(url)).length;
  return (pictures / 30 / captures).toFixed(2);
}

async function timed(work: () => Promise<void>): Promise<{ ms: number }> {
  const startedAt = performance.now();
  await work();
  return { ms: performance.now() - startedAt };
}

async function scenes(asked: BenchRun, lengthS: number, { rig, archive }: Tools): Promise<void> {
  const bytes = await readFile(await sixScenes(rig.folder, lengthS));
  const title = `<!doctype html><title>${lengthS} s</title>`;
  const page = `${title}<video src=/clip.mp4 muted preload=auto width=640 height=360></video>`;
  await using server = await openPageServer({
    '/': { body: page },
    '/clip.mp4': rangedFile(bytes, 'video/mp4'),
  });
  const sealed = await timesOf(asked, () => archive(server.url('/')));
  asked.say(`six scenes of ${lengthS} s, start to sealed: ${sealed.words}; aim ${aims[lengthS]} s`);
}

const aims: Record<number, number> = { 12: 12, 60: 15 };
