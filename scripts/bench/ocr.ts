/**
 * What reading costs, in processor time, frame by frame: of a clip of six scenes with motion and
 * noise in which only one shows writing, and of the same with a caption, which must be read.
 */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeReady, openReader, readPicture } from '../../src/media/inspect/ocr.ts';
import { openPictures } from '../../src/media/pictures/pictures.ts';
import { ffmpeg } from '../../test/prove/media-cuts.ts';
import { sixScenes } from '../../test/support/six-scenes.ts';
import type { Bench, BenchRun } from './bench.ts';
import { processorSeconds } from './processor-seconds.ts';

const never = new AbortController().signal;
const frames = 24;
const seconds = 12;

export const bench: Bench = {
  async measure(run) {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-ocr-'));
    try {
      const clip = await sixScenes(folder, seconds);
      const caption = 'Checkpoint near Qamishli';
      await measureFrames(run, await framesOf(clip, folder, 'plain', 'null'));
      const drawn = `drawtext=text='${caption}':fontsize=36:fontcolor=white:box=1:boxcolor=black:boxborderw=8:x=(w-tw)/2:y=h-90`;
      const read = await measureFrames(run, await framesOf(clip, folder, 'captioned', drawn));
      const found = read.filter((text) => /Qamishli/.test(text)).length;
      run.say(`the caption was read in ${found} of ${read.length} frames`);
      assert.ok(found > 0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function framesOf(clip: string, parent: string, name: string, filter: string) {
  const folder = join(parent, name);
  await mkdir(folder);
  const every = `fps=${frames / seconds}`;
  await ffmpeg(['-i', clip, '-vf', `${every},${filter}`, '-q:v', '3', join(folder, '%02d.jpg')]);
  return folder;
}

/** @returns what was read in each frame in which there seems to be writing */
async function measureFrames({ say }: BenchRun, folder: string): Promise<string[]> {
  const reader = await openReader('tesseract', ['eng', 'ara'], never);
  const [looking, reading]: [number[], number[]] = [[], []];
  const texts: string[] = [];
  await using pictures = openPictures(never);
  for (const name of readdirSync(folder).toSorted()) {
    const [from, decodedFor] = [processorSeconds(), pictures.processorMs];
    const picture = await makeReady(pictures, { path: join(folder, name), sha256: name }, folder);
    const ready = processorSeconds();
    looking.push(ready - from + (pictures.processorMs - decodedFor) / 1000);
    if (picture.letters === 0) continue;
    const read = await readPicture(reader, { picture, layout: 'scattered' }, 60_000, never);
    reading.push(processorSeconds() - ready);
    texts.push(read.text.lines.map(({ text }) => text).join('\n'));
  }
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0).toFixed(1);
  say(
    `${looking.length} frames looked at in ${sum(looking)} s of processor time, ${reading.length} ` +
      `with writing read in ${sum(reading)} s, the slowest in ${Math.max(...reading).toFixed(1)} s`,
  );
  return texts;
}
