/** Pictures from strangers are decoded by a process that sees them and nothing else, and that may break. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { BudgetLimits } from '../src/base/time-budget.ts';
import { heldFiles } from '../src/catalog/held-files.ts';
import { recordStep } from '../src/catalog/steps.ts';
import type { DecoderLimits } from '../src/media/pictures/decoder.ts';
import { openPictures, pictureTime } from '../src/media/pictures/pictures.ts';
import { meansOf } from '../src/media/tools/confinement.ts';
import { derivableOf } from '../src/pipeline/derive/derivable.ts';
import { fingerprints } from '../src/pipeline/derive/fingerprints.ts';
import { deriveOne } from '../src/pipeline/derive/make-derivation.ts';
import { DeriveTime } from '../src/pipeline/derive-time.ts';
import { storePlan } from '../src/pipeline/plan-file.ts';
import { SmallPictures } from '../src/server/small-pictures.ts';
import { type TestArchive, testArchive } from './support/archive.ts';
import { attempt } from './support/catalog.ts';
import { decoders, isOpenHere } from './support/decoders.ts';
import { noisePng } from './support/noise.ts';
import { until } from './support/queues.ts';

const held = (await meansOf()).by === 'bubblewrap';
const isRoot = process.getuid?.() === 0;
const { signal } = new AbortController();

let folder: string;
let archive: TestArchive;
/** Far larger than what fits between two processes: it is being handed over until somebody reads it. */
const large = noisePng('large', 1200);
let small: string;

beforeAll(async () => {
  archive = await testArchive();
  folder = await mkdtemp(join(tmpdir(), 'holdfast-decoder-'));
  small = join(folder, 'small.png');
  await sharp({ create: { width: 40, height: 30, channels: 3, background: '#808080' } })
    .png()
    .toFile(small);
});
afterAll(async () => {
  await archive[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => expect(decoders()).toEqual([]));

/** Pictures whose decoder has been started, and its process. */
async function opened(
  stop: AbortSignal = signal,
  limits: Partial<DecoderLimits> & { time?: BudgetLimits } = {},
) {
  const pictures = openPictures(stop, limits);
  await pictures.library();
  const [pid = 0] = decoders();
  return { pictures, pid };
}

async function largeFile(): Promise<string> {
  const path = join(folder, 'large.png');
  await writeFile(path, large);
  return path;
}

const isUp = { width: 40, height: 30 };

describe.runIf(held && isRoot)('what the decoder reaches', () => {
  test('is its input alone: no key, no neighbour, no settings, no network, as another user', async () => {
    await mkdir(join(folder, 'home'), { mode: 0o700 });
    await writeFile(join(folder, 'home', 'log.key'), 'the-planted-key', { mode: 0o600 });
    const { pictures, pid } = await opened();
    await using _ = pictures;
    expect(await pictures.size(small)).toEqual(isUp);
    const seen = (path: string) => existsSync(`/proc/${pid}/root${path}`);
    const planted = [small, join(folder, 'home', 'log.key'), '/etc/passwd', '/root', '/home'];
    expect(planted.filter((path) => seen(path))).toEqual([]);
    expect(planted.every((path) => existsSync(path))).toBe(true);
    const of = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8');
    expect(of('status')).toMatch(/^CapEff:\t0{16}$/m);
    expect(of('status')).toMatch(/^NoNewPrivs:\t1$/m);
    expect(of('status')).toMatch(/^Seccomp:\t2$/m);
    expect((await stat(`/proc/${pid}`)).uid).not.toBe(0);
    expect(
      of('net/dev')
        .match(/^\s*[\w@-]+:/gm)
        ?.map((name) => name.trim()),
    ).toEqual(['lo:']);
    expect(of('environ')).not.toMatch(/HOLDFAST|DATABASE/);
  });
});

describe('a picture that breaks it', () => {
  test('killed in mid-decode: the derivation fails with its reason, and the next picture works', async () => {
    const { parts } = archive;
    const { pictures, pid } = await opened();
    await using _ = pictures;
    const captureId = await captureWith(large);
    const [capture, job] = [
      await derivableOf(parts, captureId),
      { jobId: captureId, again: false },
    ];
    const [wanted] = capture === null ? [] : fingerprints.wanted(capture, parts);
    if (capture === null || wanted === undefined) throw new Error('nothing to fingerprint');
    process.kill(pid, 'SIGSTOP');
    const time = new DeriveTime(parts.config.limits);
    const one = { capture, wanted, job, reading: { spentMs: 0 }, time, pictures, tell() {} };
    const deriving = deriveOne(parts, signal, one);
    const path = await parts.vault.path(wanted.subject);
    await until(() => isOpenHere(path));
    process.kill(pid, 'SIGKILL');
    expect(await deriving).toMatchObject({ state: 'failed', reason: 'decoder-ended' });
    expect(await pictures.size(small)).toEqual(isUp);
    expect(decoders()).not.toEqual([pid]);
    expect(await heldFiles(parts.database, captureId)).not.toEqual([]);
  });

  test('without an end: it is stopped at the limit, and said of that picture alone', async () => {
    const time = { ...pictureTime, fileMs: 500 };
    const { pictures, pid } = await opened(signal, { time });
    await using _ = pictures;
    process.kill(pid, 'SIGSTOP');
    const path = await largeFile();
    expect(await pictures.describe(path)).toMatchObject({ damage: 'file-time-limit' });
    expect(decoders()).toEqual([]);
    // On a busy machine so little time may not be enough for a small one either.
    await expect
      .poll(() => pictures.forAnotherJob().describe(small), { timeout: 20_000 })
      .toMatchObject({ ...isUp, damage: null });
  });

  test('that takes more memory than it may have', async () => {
    const { pictures } = await opened(signal, { memoryBytes: 800 * 2 ** 20 });
    await using _ = pictures;
    const path = join(folder, 'huge.png');
    const [width, height] = [8_000, 8_000];
    await sharp({ create: { width, height, channels: 4, background: '#80808080' } })
      .png({ progressive: true })
      .toFile(path);
    const before = process.memoryUsage().rss;
    await expect(pictures.pixels(path)).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:decoder-ended|not-decodable)$/),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
    expect(await pictures.size(small)).toEqual(isUp);
  });

  test('told to stop, it is gone before anybody hears of it', async () => {
    const stop = new AbortController();
    const { pictures, pid } = await opened(stop.signal);
    await using _ = pictures;
    process.kill(pid, 'SIGSTOP');
    const path = await largeFile();
    const asked = expect(pictures.pixels(path)).rejects.toThrow('enough');
    await until(() => isOpenHere(path));
    stop.abort(new Error('enough'));
    await asked;
    expect(decoders()).toEqual([]);
    await expect(pictures.size(small)).rejects.toThrow('enough');
  });

  test('unasked, it is ended, and started again when there is something to do', async () => {
    const { pictures } = await opened(signal, { idleMs: 50 });
    await using _ = pictures;
    expect(await pictures.size(small)).toEqual(isUp);
    await until(() => decoders().length === 0);
    expect(await pictures.size(small)).toEqual(isUp);
  });
});

test('pictures on the pages come from it too, and closing them leaves no process', async () => {
  const { vault } = archive.parts;
  const { sha256 } = await vault.put(readFileSync(small));
  const broken = await vault.put(Buffer.from('<svg'));
  const stills = new SmallPictures(vault);
  try {
    expect(await stills.still(broken.sha256, 'small')).toBeNull();
    const [pid = 0] = decoders();
    const webp = await stills.still(sha256, 'small');
    expect(await sharp(webp ?? Buffer.alloc(0)).metadata()).toMatchObject({ format: 'webp' });
    expect(decoders()).toEqual([pid]);
  } finally {
    await stills[Symbol.asyncDispose]();
  }
});

async function captureWith(bytes: Buffer): Promise<string> {
  const { parts } = archive;
  const captureId = await archive.openCapture();
  const plan = await storePlan(parts, {
    ...{ schema: 'holdfast.plan/1', source: 'x:status:1', platform: 'x', shape: 'post' },
    ...{ steps: [{ name: 'media', required: false }], pages: [], media: [] },
  });
  const original = {
    ...({ role: 'media.original', name: 'media/1.png', mediaType: 'image/png' } as const),
    ...{ derivedFrom: null, ...(await parts.vault.put(bytes)) },
  };
  await recordStep(parts.database, attempt(captureId, { step: 'media' }), {
    artifacts: [plan, original],
  });
  await archive.seal(captureId);
  return captureId;
}
