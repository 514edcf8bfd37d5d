/** A few kilobytes can be hours of work: every file and every job has a time of its own, and a stop is obeyed at once. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TimeBudget } from '../src/base/time-budget.ts';
import { newestOf } from '../src/catalog/derivations.ts';
import { recordStep } from '../src/catalog/steps.ts';
import { openPictures } from '../src/media/pictures/pictures.ts';
import { runConfined } from '../src/media/tools/confine.ts';
import { deriveCapture } from '../src/pipeline/derive/derive-capture.ts';
import { storePlan } from '../src/pipeline/plan-file.ts';
import { stageRun, type TestArchive, testArchive } from './support/archive.ts';
import { attempt } from './support/catalog.ts';
import { urlOf } from './support/database.ts';
import { decoders } from './support/decoders.ts';
import { until } from './support/queues.ts';

const { signal: never } = new AbortController();
const second = 1_000;

let archive: TestArchive;
let sound: Buffer;

beforeAll(async () => {
  archive = await testArchive();
  sound = await sharp({ create: { width: 90, height: 60, channels: 3, background: '#357' } })
    .png()
    .toBuffer();
});
afterAll(() => archive[Symbol.asyncDispose]());
afterEach(() => expect(decoders()).toEqual([]));

/** Below three kilobytes, and minutes of a core: noise, blurred and thickened again and again. */
function endlessSvg(name: string): Buffer {
  const filters = Array.from(
    { length: 24 },
    (_, index) =>
      `<feTurbulence baseFrequency="0.${index + 10}" numOctaves="9"/><feMorphology operator="dilate" radius="40"/>`,
  ).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="2000"><desc>${name}</desc><filter id="f" x="0" y="0" width="100%" height="100%">${filters}</filter><rect width="2000" height="2000" filter="url(#f)"/></svg>`;
  expect(svg.length).toBeLessThan(3_000);
  return Buffer.from(svg);
}

/** A sealed capture with these pictures, by digest in their order. */
async function sealedWith(pictures: Buffer[]) {
  const { parts } = archive;
  const captureId = await archive.openCapture();
  const plan = await storePlan(parts, {
    ...{ schema: 'holdfast.plan/1', source: 'x:status:1', platform: 'x', shape: 'post' },
    ...{ steps: [{ name: 'media', required: false }], pages: [], media: [] },
  });
  const originals = [];
  for (const [index, bytes] of pictures.entries()) {
    const isSvg = bytes !== sound;
    originals.push({
      ...{ role: 'media.original' as const, derivedFrom: null },
      name: `media/${index}.${isSvg ? 'svg' : 'png'}`,
      mediaType: isSvg ? 'image/svg+xml' : 'image/png',
      media: { width: 90, height: 60 },
      ...(await parts.vault.put(bytes)),
    });
  }
  await recordStep(parts.database, attempt(captureId, { step: 'media' }), {
    artifacts: [plan, ...originals],
  });
  await archive.seal(captureId);
  return { captureId, digests: originals.map(({ sha256 }) => sha256) };
}

describe('a budget', () => {
  const work = (ms: number) => (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      const done = setTimeout(() => resolve('done'), ms);
      signal.addEventListener('abort', () => {
        clearTimeout(done);
        reject(signal.reason);
      });
    });

  test('of a file is for all questions together, and another file has its own', async () => {
    const budget = new TimeBudget({ fileMs: 300, jobMs: 60_000, ordinaryMs: 0 });
    await expect(budget.spend('one', [], work(60_000))).rejects.toMatchObject({
      code: 'file-time-limit',
      message: expect.stringContaining('0.3 s'),
    });
    const asked = () => Promise.reject(new Error('nobody is asked any more'));
    await expect(budget.spend('one', [], asked)).rejects.toMatchObject({ code: 'file-time-limit' });
    expect(await budget.spend('other', [], work(0))).toBe('done');
  });

  test('of a job is for all files together, and each still has what most need', async () => {
    const budget = new TimeBudget({ fileMs: 60_000, jobMs: 200, ordinaryMs: 100 });
    await expect(budget.spend('one', [], work(60_000))).rejects.toMatchObject({
      code: 'job-time-limit',
      message: expect.stringContaining('0.2 s'),
    });
    await expect(budget.spend('other', [], work(60_000))).rejects.toMatchObject({
      code: 'job-time-limit',
    });
    expect(await budget.spend('a third', [], work(0))).toBe('done');
  });

  test('is not what ended it where somebody stopped it', async () => {
    const budget = new TimeBudget({ fileMs: 60_000, jobMs: 60_000, ordinaryMs: 0 });
    const stop = new AbortController();
    const working = budget.spend('one', [stop.signal], work(60_000));
    stop.abort(new Error('enough'));
    await expect(working).rejects.toThrow('enough');
  });
});

describe('small drawings that take very long', () => {
  test('have the time of one file for all that is asked of them, and the next picture is read', async () => {
    const { parts } = archive;
    const time = { fileMs: 2 * second, jobMs: 60 * second, ordinaryMs: 0 };
    await using pictures = openPictures(never, { time });
    const { sha256 } = await parts.vault.put(endlessSvg('asked'));
    const path = await parts.vault.path(sha256);
    await pictures.library();
    const before = performance.now();
    for (let again = 0; again < 5; again++) {
      await expect(pictures.pixels(path)).rejects.toMatchObject({ code: 'file-time-limit' });
    }
    expect(await pictures.describe(path)).toMatchObject({ damage: 'file-time-limit' });
    expect(performance.now() - before).toBeLessThan(2 * time.fileMs);
    const good = await parts.vault.put(sound);
    expect(await pictures.size(await parts.vault.path(good.sha256))).toEqual({
      width: 90,
      height: 60,
    });
  });

  test('a tool that does not end in its time says so, as one file’s', async () => {
    const run = { executable: 'sleep', options: ['60'], timeLimitMs: 300, onLine() {} };
    await expect(runConfined(run, never)).rejects.toMatchObject({
      code: 'file-time-limit',
      message: expect.stringContaining('0.3 s'),
    });
  });

  test('are given up as failed, with the budget as the reason, and the others go on', async () => {
    const { parts } = archive;
    const { captureId, digests } = await sealedWith([endlessSvg('first'), sound]);
    const [svg = '', png = ''] = digests;
    const time = { fileMs: 4 * second, jobMs: 8 * second, ordinaryMs: 2 * second };
    await deriveCapture(parts, stageRun(captureId), time);
    const made = await newestOf(parts.database, [svg, png]);
    const outcome = (subject: string, kind: string) =>
      made.find((row) => row.subject === subject && row.kind === kind);
    for (const kind of ['fingerprints', 'ocr'])
      expect(outcome(svg, kind)).toMatchObject({ state: 'failed', reason: 'file-time-limit' });
    expect(outcome(svg, 'metadata')).toMatchObject({ state: 'done' });
    for (const kind of ['fingerprints', 'ocr', 'metadata'])
      expect(outcome(png, kind)).toMatchObject({ state: 'done' });
  });

  test('Ctrl-C ends the workers within seconds, and the decoder with them', async () => {
    const { captureId } = await sealedWith([endlessSvg('interrupted')]);
    const holdfast = fileURLToPath(new URL('../scripts/holdfast.ts', import.meta.url));
    const child = spawn(process.execPath, [holdfast, 'work'], {
      env: {
        PATH: process.env.PATH,
        HOLDFAST_HOME: archive.config.home,
        HOLDFAST_OPERATOR: 'test',
        HOLDFAST_CHROMIUM: '/bin/true',
        DATABASE_URL: urlOf(archive.database.connection),
      },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    try {
      await until(() => decoders().length === 1, 60_000);
      const [pid = 0] = decoders();
      expect(pid).not.toBe(0);
      const toldAt = performance.now();
      child.kill('SIGINT');
      expect(await ended).toBe(0);
      expect(performance.now() - toldAt).toBeLessThan(10 * second);
      expect(await newestOf(archive.parts.database, [captureId])).toEqual([]);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
  });
});
