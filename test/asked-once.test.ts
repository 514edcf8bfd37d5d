/** What a page was given is kept as it came: the origin's log says how often each file was asked for. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ArtifactRow, artifactsOf, insertArtifacts } from '../src/catalog/artifacts.ts';
import { derivingAmong } from '../src/catalog/derive-jobs.ts';
import { attemptsOf } from '../src/catalog/steps.ts';
import type { MediaRef } from '../src/model/plan.ts';
import { workUntilClosed } from '../src/pipeline/answers/until-closed.ts';
import { mediaOf } from '../src/pipeline/found-media.ts';
import { planOf, storeJson } from '../src/pipeline/plan-file.ts';
import type { WorkOptions } from '../src/pipeline/running-workers.ts';
import { verifyAll } from '../src/pipeline/verify/captures.ts';
import { startWorkers } from '../workers/main.ts';
import { twoSecondClip } from './internet/content.ts';
import { open } from './support/catalog.ts';
import { type TestHoldfast, testHoldfast } from './support/holdfast.ts';

const drawing = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><rect width="400" height="300" fill="teal"/></svg>',
);
const lazy = Array.from({ length: 30 }, (_, number) => `/${number}.jpg`);
const wider = (host: string) =>
  `srcset="https://${host}/narrow.jpg 400w, https://${host}/wide.jpg 4000w" sizes="400px"`;

/** One host each, so that none waits for another. */
const pages = {
  gallery: lazy.map((src) => `<p><img loading=lazy width=400 height=300 src="${src}">`).join(''),
  clips: '<video src="/clip.mp4" preload=auto></video>',
  cut: '<img src="/cut.jpg"><img src="/whole.jpg"><img src="/missing.jpg">',
  coded: `<img src="/drawn"><img src="/always"><img src="/narrow.jpg" ${wider('coded.example.org')}>`,
  moved: '<img src="/old.jpg">',
  // The second picture is wanted once the first was refused.
  busy: `<img src="/refused.jpg" onerror="document.body.append(document.querySelector('template').content)">
    <template><img src="/narrow.jpg" ${wider('busy.example.org')}></template>`,
};
type Name = keyof typeof pages;

let held: TestHoldfast;
const pictures: Buffer[] = [];
let clip: Buffer;
const captures = new Map<string, { id: string; state: string; artifacts: ArtifactRow[] }>();

beforeAll(async () => {
  held = await testHoldfast({
    backend: 'postgres',
    variables: { HOLDFAST_HOST_INTERVAL_MS: '500', HOLDFAST_YTDLP: '/nowhere/yt-dlp' },
  });
  await fillWorld();
  const names = Object.keys(pages);
  const records = await held.seal(names.map((name) => `${origin(name)}/`).join(' '));
  for (const [index, { id, state }] of records.entries()) {
    const artifacts = await artifactsOf(held.app.parts.database, id);
    captures.set(names[index] ?? '', { id, state: state ?? '', artifacts });
  }
});

afterAll(async () => held?.[Symbol.asyncDispose]());

async function fillWorld(): Promise<void> {
  const { world } = held.internet;
  for (let hue = 0; hue < 360; hue += 12)
    pictures.push(await world.content.picture({ width: 400, height: 300, lines: [`${hue}`], hue }));
  clip = (await world.content.clipFile(twoSecondClip, '640x360.mp4')) ?? Buffer.alloc(0);
  for (const [name, html] of Object.entries(pages))
    world.addPage(`${origin(name)}/`, { html: `<!doctype html><title>${name}</title>${html}` });
  const shows = (url: string, bytes: Buffer, mediaType = 'image/jpeg') =>
    world.addPage(url, { bytes, mediaType });
  for (const [number, src] of lazy.entries()) shows(`${origin('gallery')}${src}`, picture(number));
  shows(`${origin('clips')}/clip.mp4`, clip, 'video/mp4');
  shows(`${origin('cut')}/cut.jpg`, picture(1));
  shows(`${origin('cut')}/whole.jpg`, picture(2));
  world.truncate(`${origin('cut')}/cut.jpg`, 3_000);
  for (const name of ['coded', 'busy']) {
    shows(`${origin(name)}/narrow.jpg`, picture(3));
    shows(`${origin(name)}/wide.jpg`, picture(4));
  }
  const headers = { 'content-type': 'image/svg+xml' };
  world.addPage(`${origin('coded')}/drawn`, {
    handler: () => ({ status: 200, headers, body: drawing, gzip: true }),
  });
  world.addPage(`${origin('coded')}/always`, {
    handler: () => ({
      status: 200,
      headers: { 'content-type': 'image/jpeg', 'content-encoding': 'gzip' },
      body: gzipSync(picture(6)),
    }),
  });
  shows(`${origin('moved')}/new.jpg`, picture(5));
  world.addPage(`${origin('moved')}/old.jpg`, {
    handler: () => ({ status: 302, headers: { location: '/new.jpg' }, body: '' }),
  });
  world.addPage(`${origin('busy')}/refused.jpg`, {
    handler: () => ({ status: 429, headers: { 'retry-after': '10' }, body: 'later' }),
  });
}

const origin = (name: string) => `https://${name}.example.org`;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const picture = (number: number) => pictures[number] ?? Buffer.alloc(0);
const requestsFor = (url: string) => held.internet.log().filter((one) => one.url === url);
const artifactsIn = (name: Name) => captures.get(name)?.artifacts ?? [];
const originals = (name: Name) => artifactsIn(name).filter(({ role }) => role === 'media.original');
const digests = (name: Name) =>
  originals(name)
    .map((one) => one.sha256)
    .toSorted();

test('each of thirty lazy pictures is asked for once, and kept with the exchange that brought it', () => {
  expect(captures.get('gallery')?.state).toBe('complete');
  const asked = lazy.map((src) => requestsFor(`${origin('gallery')}${src}`).length);
  expect(asked).toEqual(lazy.map(() => 1));
  expect(digests('gallery')).toEqual(pictures.map(sha256).toSorted());
  for (const { facts } of originals('gallery')) {
    expect(facts).toMatchObject({ from: 'page', status: 200, damage: null });
    expect(facts?.exchange).toMatchObject({ view: 'page', refetched: false });
  }
  // Whoever asked nobody has no journal and no WARC.
  const ours = /^(media\/exchanges|warc\/media)/;
  expect(artifactsIn('gallery').filter(({ name }) => ours.test(name))).toEqual([]);
});

test('a clip that was fetched whole for the recorder is not fetched once more', () => {
  expect(digests('clips')).toEqual([sha256(clip)]);
  expect(originals('clips')[0]?.facts).toMatchObject({
    from: 'page',
    exchange: { refetched: true },
  });
  const byClient = artifactsIn('clips').filter(({ role }) => role === 'exchanges');
  expect(byClient.filter(({ name }) => name.startsWith('media/'))).toEqual([]);
});

test('a picture that its origin cut is asked for again, one that was never there is not', () => {
  expect(digests('cut')).toEqual([picture(1), picture(2)].map(sha256).toSorted());
  const faults = requestsFor(`${origin('cut')}/cut.jpg`).map(({ fault }) => fault);
  expect(faults).toEqual(['truncated', null]);
  expect(requestsFor(`${origin('cut')}/whole.jpg`)).toHaveLength(1);
  expect(requestsFor(`${origin('cut')}/missing.jpg`)).toHaveLength(1);
  const again = originals('cut').find((one) => one.sha256 === sha256(picture(1)));
  expect(again?.facts).toMatchObject({ from: 'client', exchange: null });
});

test('a coded picture is asked for again in its own bytes, and so is a wider one than the page took', () => {
  expect(digests('coded')).toEqual([drawing, picture(4), picture(6)].map(sha256).toSorted());
  const counts = ['drawn', 'wide.jpg', 'narrow.jpg'].map(
    (name) => requestsFor(`${origin('coded')}/${name}`).length,
  );
  expect(counts).toEqual([2, 1, 1]);
});

test('a picture that is sent coded to everybody is kept as the browser decoded it, and says so', () => {
  const kept = originals('coded').find((one) => one.sha256 === sha256(picture(6)));
  expect(kept?.facts).toMatchObject({
    from: 'page',
    bytes: expect.stringMatching(/Chromium decoded/),
  });
  expect(requestsFor(`${origin('coded')}/always`)).toHaveLength(2);
});

test('a picture behind a redirect keeps its hops', () => {
  const [old, made] = [`${origin('moved')}/old.jpg`, `${origin('moved')}/new.jpg`];
  expect(requestsFor(made)).toHaveLength(1);
  expect(originals('moved')[0]?.facts).toMatchObject({
    requestedUrl: old,
    url: made,
    hops: [
      { url: old, status: 302, location: '/new.jpg' },
      { url: made, status: 200, location: null },
    ],
  });
});

test('where a host sent the browser away, our own client waits as long as it asked', () => {
  expect(digests('busy')).toEqual([sha256(picture(4))]);
  const [refused] = requestsFor(`${origin('busy')}/refused.jpg`);
  const [asked] = requestsFor(`${origin('busy')}/wide.jpg`);
  const waitedMs = (asked?.at.getTime() ?? 0) - (refused?.at.getTime() ?? 0);
  expect(waitedMs).toBeGreaterThanOrEqual(9_500);
});

test('yt-dlp is asked where a page speaks of a player, and nowhere else', async () => {
  const outcomeOf = async (name: Name) => {
    const attempts = await attemptsOf(held.app.parts.database, captures.get(name)?.id ?? '');
    return attempts.find((one) => one.step === 'media')?.detail;
  };
  expect(await outcomeOf('gallery')).toMatchObject({ extractor: { outcome: 'no-player' } });
  // Its clip was had, so there was nothing to ask for.
  expect(await outcomeOf('clips')).not.toHaveProperty('extractor');
});

test('verify finds nothing wrong', async () => {
  const faults: string[] = [];
  for await (const check of verifyAll(held.app.parts))
    if (!check.ok) faults.push(`${check.subject}: ${check.message}`);
  expect(faults).toEqual([]);
});

test('the list that 0.1.0 handed over is read as it was meant', async () => {
  const { parts } = held.app;
  const [captureId = ''] = await open(parts.database, {
    sourceKey: 'web:https://old.example.org/',
  });
  const plan = await planOf(parts, captures.get('gallery')?.id ?? '');
  const before: MediaRef = {
    id: '1',
    kind: 'picture',
    belongsTo: 'page',
    candidates: [
      {
        url: 'https://old.example.org/1.jpg',
        mediaType: null,
        width: 1,
        height: null,
        bitrate: null,
      },
    ],
    orderedBy: 'widest of srcset first, then what the page shows',
    alsoKeep: [],
    altText: null,
    claimed: { durationMs: null, width: null, height: null },
    unavailable: null,
  };
  const list = await storeJson(parts, 'media.found', 'media-found.json', [before]);
  await insertArtifacts(parts.database, captureId, 'page', [list]);
  expect(await mediaOf(parts, captureId, plan)).toEqual({
    media: [before],
    servedBy: [],
    players: null,
    played: 0,
  });
});

test('whoever waits for the seal only does not wait for what is made of it', async () => {
  const { app } = held;
  const submitted = await held.submit(`${origin('clips')}/`, { again: true });
  const ids = submitted.flatMap(({ captureId }) => captureId ?? []);
  const start = (options: WorkOptions) => startWorkers(app, options);
  const [record] = await workUntilClosed(app.parts, start, ids, { sealed: true });
  expect(record).toMatchObject({ state: 'complete', seal: { logIndex: expect.any(Number) } });
  expect(await derivingAmong(app.parts.database, ids)).toEqual(ids);
});
