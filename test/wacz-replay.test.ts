/** Others read what we write: replayweb.page shows it offline, Python's warcio and wacz accept it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { storePageWarc } from '../src/pipeline/capture/page-warc.ts';
import { checkWacz } from '../src/warc/check/check-wacz.ts';
import { makeClip } from './support/clips.ts';
import { pythonJudges, replayer } from './support/judges.ts';
import { type KeptCapture, keptCapture, never } from './support/kept-capture.ts';
import { picturesAndVideo } from './support/page-sets.ts';
import { bodyIn, exchange } from './support/recorded-exchanges.ts';
import { openRecordingRig } from './support/recording-rig.ts';
import { openReplay } from './support/replay.ts';
import { unpack } from './support/wacz-surgery.ts';

const run = promisify(execFile);
const site = 'https://news.example';
const pictures = 12;

let folder: string;
let capture: KeptCapture;
let archive: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-replay-'));
  capture = await recordedSite();
  archive = await capture.export();
});
afterAll(async () => {
  await capture[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A page with pictures, a video beyond the size of a small body, and answers to fetch and POST. */
async function recordedSite(): Promise<KeptCapture> {
  const kept = await keptCapture();
  const body = (bytes: string | Uint8Array) => bodyIn(kept.folder, bytes);
  const html = `<!doctype html><meta charset="utf-8"><title>The convoy</title><h1>قافلة</h1>
    ${Array.from({ length: pictures }, (_, n) => `<img src="/p/${n}.png">`).join('\n')}
    <video src="/clip.mp4" muted></video>
    <script>
      window.answers = Promise.all([
        fetch('/api/latest?page=1').then((one) => one.json()),
        fetch('/api/search', { method: 'POST', headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query: 'convoy', page: 2 }) }).then((one) => one.json()),
        fetch('/moved').then((one) => one.text()),
      ]);
    </script>`;
  const answer = async (
    path: string,
    mediaType: string,
    bytes: string | Uint8Array,
    more: Parameters<typeof exchange>[0] = {},
  ) =>
    exchange({
      url: `${site}${path}`,
      ...more,
      response: {
        headers: [['content-type', mediaType]],
        body: await body(bytes),
        ...more.response,
      },
    });
  const images = await Promise.all(
    Array.from({ length: pictures }, async (_, n) => {
      const color = { r: n * 20, g: 100, b: 50 };
      const png = await sharp({
        create: { width: 40 + n, height: 30, channels: 3, background: color },
      })
        .png()
        .toBuffer();
      return answer(`/p/${n}.png`, 'image/png', png, { resourceType: 'image' });
    }),
  );
  const clip = await makeClip(folder, { size: '640x360', seconds: 6 });
  expect(clip.byteLength).toBeGreaterThan(1024 * 1024);
  await kept.record({
    pages: [
      {
        view: 'page',
        url: `${site}/story`,
        startedAt: '2026-03-04T05:06:07.089Z',
        title: 'The convoy',
      },
    ],
    exchanges: [
      await answer('/story', 'text/html; charset=utf-8', html),
      ...images,
      await answer('/clip.mp4', 'video/mp4', clip, {
        resourceType: 'media',
        refetched: true,
        response: { decoded: false },
      }),
      await answer('/api/latest?page=1', 'application/json', '{"latest":7}', {
        resourceType: 'fetch',
      }),
      await answer('/api/search', 'application/json', '{"found":2}', {
        resourceType: 'fetch',
        method: 'POST',
        request: {
          headers: [['content-type', 'application/json']],
          body: await body('{"query":"convoy","page":2}'),
        },
      }),
      exchange({
        url: `${site}/moved`,
        resourceType: 'fetch',
        response: { status: 302, headers: [['location', '/arrived']] },
      }),
      await answer('/arrived', 'text/plain', 'arrived', { resourceType: 'fetch' }),
    ],
  });
  await kept.close([
    { view: 'page', finalUrl: `${site}/story`, title: 'The convoy', text: 'قافلة' },
  ]);
  return kept;
}

describe('a web archive of ours', () => {
  test('passes our own checker without a word', async () => {
    expect((await checkWacz(archive, never)).findings).toEqual([]);
  });

  test.skipIf(replayer === null)(
    'is replayed by replayweb.page without a network (skipped where npm does not answer)',
    async () => {
      await using replay = await openReplay(replayer ?? '', folder);
      const { page, frame } = await replay.open(archive, `${site}/story`);
      const seen = await frame.evaluate(whatIsSeen);
      expect(seen).toEqual({
        heading: 'قافلة',
        widths: Array.from({ length: pictures }, (_, n) => 40 + n),
        answers: [{ latest: 7 }, { found: 2 }, 'arrived'],
        video: [640, true],
      });
      await expect.poll(() => page.evaluate(signatureJudged), { timeout: 30_000 }).toBe(true);
      expect(replay.asked.some((one) => /^\/0\.wacz bytes=/.test(one))).toBe(true);
    },
    150_000,
  );

  test.skipIf(pythonJudges === null)(
    'is accepted by Python’s warcio and wacz (skipped where PyPI does not answer)',
    async () => {
      const files = await unpack(archive);
      for (const [path, bytes] of files) {
        if (!path.startsWith('archive/')) continue;
        const file = join(folder, path.slice('archive/'.length));
        await writeFile(file, bytes);
        const { stdout } = await run(`${pythonJudges}/warcio`, ['check', '-v', file]);
        expect(stdout).toContain('digest pass');
        expect(stdout).not.toMatch(/fail|unknown|not checked/i);
      }
      const { stdout } = await run(`${pythonJudges}/wacz`, ['validate', '-f', archive]);
      expect(stdout).toContain('Validation succeeded');
    },
  );
});

describe('a page that Chromium was recorded at', () => {
  test.skipIf(replayer === null)(
    'is replayed with all that the server sent (skipped where npm does not answer)',
    async () => {
      await using rig = await openRecordingRig();
      const clip = await makeClip(folder, { size: '320x180', seconds: 3 });
      const set = picturesAndVideo({ seed: 'replay', clip, isFull: false });
      const { made, served, url } = await rig.visitSet(set);
      await using kept = await keptCapture(rig.vault);
      const about = { captureId: kept.captureId, startedAt: made.startedAt, withhold: false };
      kept.add(await storePageWarc(kept.parts, about, [made], never));
      const finalUrl = made.finalUrl ?? '';
      await kept.close([{ view: 'page', finalUrl, title: 'gallery', text: made.text ?? '' }]);
      const path = await kept.export();
      expect((await checkWacz(path, never)).findings).toEqual([]);
      const index = (await unpack(path)).get('indexes/index.cdxj')?.toString() ?? '';
      const missing = served.filter(({ sha256 }) => !index.includes(sha256));
      expect(missing.filter(({ status }) => status === 200)).toEqual([]);

      await using replay = await openReplay(replayer ?? '', folder);
      const { frame } = await replay.open(path, url(set.path));
      const seen = await frame.evaluate(`(async () => {
        for (const image of document.images) image.loading = 'eager';
        const widths = await Promise.all([...document.images].map((one) => one.decode().then(() => one.naturalWidth)));
        const video = document.querySelector('video');
        await video.play();
        await new Promise((resolve) => { video.ontimeupdate = () => video.currentTime > 0.3 && resolve(); });
        return { decoded: widths.filter((width) => width > 0).length, video: video.videoWidth };
      })()`);
      expect(seen).toEqual({ decoded: 30, video: 320 });
    },
    150_000,
  );
});

/** Runs in the replayed page: pictures are decoded, the video moves, scripts got their answers. */
const whatIsSeen = `(async () => {
  const video = document.querySelector('video');
  await video.play();
  await new Promise((resolve) => {
    video.ontimeupdate = () => video.currentTime > 0.3 && resolve();
  });
  const width = (image) => image.decode().then(() => image.naturalWidth);
  return {
    heading: document.querySelector('h1').textContent,
    widths: await Promise.all([...document.images].map(width)),
    answers: await window.answers,
    video: [video.videoWidth, video.duration > 5.9],
  };
})()`;

/** Runs in the replayer: what it noted of the signature in its own database. */
const signatureJudged = `(async () => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    if (!database.objectStoreNames.contains('verification')) continue;
    const store = database.transaction('verification').objectStore('verification');
    return (await done(store.get('signature')))?.matched ?? null;
  }
  return null;
})()`;
