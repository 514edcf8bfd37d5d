/** What bad input gets: a clear state with its reason, a closed record, and never a word about the others. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CaptureRecord } from '../src/model/capture-record.ts';
import { verifyCapture } from '../src/pipeline/verify/captures.ts';
import { twoSecondClip } from './internet/content.ts';
import { lies } from './internet/faults.ts';
import type { NewPost } from './internet/post.ts';
import type { World } from './internet/world.ts';
import { backends, type TestHoldfast, testHoldfast } from './support/holdfast.ts';

const firstId = 1227381802398646272n;
let made = 0;

function post(world: World, more: Partial<NewPost> = {}): string {
  made += 1;
  const id = String(firstId + BigInt(made) * 4194304n * 60_000n);
  world.addPost({
    id,
    author: { id: '90000009', handle: 'example', name: 'Example' },
    text: `A post made for a test, number ${made}.`,
    ...more,
  });
  return id;
}

/** A post with a video of its own, and the addresses of that video. */
function postWithClip(world: World): { id: string; files: string[] } {
  const before = new Set(world.files.keys());
  const id = post(world, { media: [{ kind: 'video', clip: twoSecondClip }] });
  const files = [...world.files.keys()].filter(
    (file) => file.includes('.mp4') && !before.has(file),
  );
  return { id, files: files.map((file) => `https://${file}`) };
}

const page = (host: string, html: string) => ({ url: `https://${host}.example.org/`, html });
const ordinary = '<!doctype html><title>Ordinary</title><p>An ordinary page.</p>';

/** Every kind of trouble at once, in one text, as a long list pasted by somebody in a hurry. */
function trouble(world: World): Record<string, string> {
  const link = (id: string) => `https://x.com/i/status/${id}`;
  const links: Record<string, string> = { fine: link(post(world)) };
  const changed = (name: string, change: (id: string) => unknown) => {
    const id = post(world);
    change(id);
    links[name] = link(id);
  };
  changed('deleted', (id) => world.delete(id));
  changed('vanished', (id) => world.delete(id, 'nothing'));
  changed('suspended', (id) => world.suspend(id));
  changed('protected', (id) => world.protect(id));
  changed('age-gated', (id) => world.ageGate(id));
  changed('empty object', (id) => {
    for (const route of ['syndication', 'graphql', 'oembed'] as const) world.raw(id, route, '{}');
  });
  changed('html for json', (id) => {
    for (const route of ['syndication', 'graphql', 'oembed'] as const)
      world.raw(id, route, '<html>Log in to this network</html>');
  });
  changed('another post', (id) =>
    world.raw(
      id,
      'syndication',
      JSON.stringify({
        __typename: 'Tweet',
        id_str: '20',
        text: 'another',
        created_at: '2006-03-21T20:50:14.000Z',
        user: { id_str: '12', screen_name: 'jack', name: 'jack' },
      }),
    ),
  );
  const clip = post(world, { media: [{ kind: 'video', clip: twoSecondClip }] });
  world.withholdMedia(clip, 'Dmcaed');
  links['media withheld'] = link(clip);
  const { id: broken, files: halves } = postWithClip(world);
  for (const url of halves) world.truncate(url, 10_000, { etag: 'keeps', times: 1 });
  links['breaks off'] = link(broken);
  const { id: lied, files: lying } = postWithClip(world);
  for (const url of lying) world.lie(url, lies.interception());
  links['media that lie'] = link(lied);
  for (const { url, html } of [
    page('tls', ordinary),
    page('dns', ordinary),
    page('refused', ordinary),
    page('drip', ordinary.repeat(400)),
  ])
    world.addPage(url, { html });
  world.failTls('tls.example.org');
  world.failDns('dns.example.org');
  world.refuse('refused.example.org');
  world.drip('https://drip.example.org/', { bytes: 16, everyMs: 500 });
  world.addPage('https://gone.example.org/', {
    status: 404,
    html: '<!doctype html><title>Gone</title><h1>We looked everywhere</h1>',
  });
  world.addPage('https://loop.example.org/', {
    handler: () => ({ status: 302, headers: { location: 'https://loop.example.org/' }, body: '' }),
  });
  world.addPage('https://busy.example.org/', {
    html: '<!doctype html><title>Busy</title><p>Never idle</p><script>setInterval(() => fetch("/poll"), 200)</script>',
  });
  world.addPage('https://busy.example.org/poll', { html: 'more' });
  world.addPage('https://private.example.org/', {
    handler: () => ({
      status: 302,
      headers: { location: 'http://169.254.169.254/latest/meta-data/' },
      body: '',
    }),
  });
  const clipBytes = { bytes: Buffer.alloc(0), mediaType: 'video/mp4' };
  world.addPage('https://clips.example.org/empty.mp4', clipBytes);
  world.addPage('https://clips.example.org/html.mp4', {
    html: '<html>not a film</html>',
    mediaType: 'video/mp4',
  });
  world.addPage('https://clips.example.org/', {
    html: '<!doctype html><title>Clips</title><video preload="none" src="/empty.mp4"></video><video preload="none" src="/html.mp4"></video>',
  });
  for (const name of ['tls', 'dns', 'refused', 'drip', 'gone', 'loop', 'busy', 'private', 'clips'])
    links[name] = `https://${name}.example.org/`;
  return links;
}

/** One of each way in which a queue is done with a job: at once, anew until it gives up, for good. */
const waysToEnd = [
  ['fine', 'complete', 'page', 1],
  ['dns', 'failed', 'page', 3],
  ['media that lie', 'partial', 'media', 1],
] as const;

describe.each(backends)('a list full of trouble, queue on %s', (backend) => {
  const isWhole = backend === 'postgres';
  let holdfast: TestHoldfast;
  const records: Record<string, CaptureRecord | undefined> = {};

  beforeAll(async () => {
    holdfast = await testHoldfast({
      backend,
      variables: {
        HOLDFAST_PAGE_TIMEOUT_MS: '8000',
        HOLDFAST_MEDIA_TIMEOUT_MS: '20000',
        HOLDFAST_CONCURRENCY: '4',
      },
    });
    const all = Object.entries(trouble(holdfast.internet.world));
    const some = all.filter(([name]) => waysToEnd.some(([one]) => one === name));
    const links = Object.fromEntries(isWhole ? all : some);
    const closed = await holdfast.seal(Object.values(links).join('\n'));
    for (const [name, link] of Object.entries(links))
      records[name] = closed.find((record) => record.link === link);
  }, 400_000);
  afterAll(() => holdfast[Symbol.asyncDispose]());

  const stepOf = (name: string, step: string) =>
    records[name]?.steps.find((one) => one.name === step);

  test('every one of them is closed, with a manifest that verifies', async () => {
    for (const [name, record] of Object.entries(records)) {
      expect(record?.state, name).not.toBeNull();
      expect(record?.manifestSha256, name).toMatch(/^[0-9a-f]{64}$/);
      for await (const check of verifyCapture(holdfast.app.parts, record?.id ?? ''))
        expect(check, name).toMatchObject({ ok: true });
    }
  });

  test.each(waysToEnd)(
    '%s: capture %s, after so many attempts at %s: %d',
    (name, state, step, attempts) => {
      expect(records[name]?.state).toBe(state);
      expect(stepOf(name, step)?.attempts).toBe(attempts);
    },
  );

  test('a host that asks to wait is left alone for so long, and asked again', async () => {
    const { internet } = holdfast;
    const id = post(internet.world);
    for (const host of ['cdn.syndication.twimg.com', 'api.x.com'])
      internet.world.rateLimit(host, { times: 1, retryAfterSeconds: 2 });
    const [record] = await holdfast.seal(`https://x.com/i/status/${id}`);
    expect(record).toMatchObject({ state: 'complete' });
    const asked = internet
      .log()
      .filter(({ url }) => /tweet-result.*[?&]id=/.test(url) && url.includes(id));
    const [refused, answered] = [asked[0], asked.at(-1)];
    expect(refused?.status).toBe(429);
    expect((answered?.at.getTime() ?? 0) - (refused?.at.getTime() ?? 0)).toBeGreaterThanOrEqual(
      2_000,
    );
  }, 120_000);

  if (!isWhole) return;
  describe('what each of them gets', () => {
    test('what is fine is complete, whatever stood beside it', () => {
      expect(records.fine).toMatchObject({
        state: 'complete',
        sourceNow: { availability: 'available' },
      });
    });

    test.each([
      ['deleted', 'complete', 'suspect', 'deleted-by-author'],
      ['vanished', 'complete', 'suspect', 'not-found'],
      ['suspended', 'complete', 'suspect', 'account-suspended'],
      ['protected', 'blocked', 'restricted', 'protected'],
      ['age-gated', 'blocked', 'restricted', 'login-required'],
    ])('a post that is %s: capture %s, source %s (%s)', (name, state, availability, kind) => {
      expect(records[name]).toMatchObject({ state, sourceNow: { availability, kind } });
      expect(records[name]?.artifacts.some(({ role }) => role === 'record.raw')).toBe(true);
    });

    test.each([['empty object'], ['html for json']])(
      '%s is a fault of the route and says nothing about the post',
      (name) => {
        expect(stepOf(name, 'record')).toMatchObject({
          state: 'failed',
          reason: 'extractor-broken',
        });
        expect(records[name]?.sourceNow.availability).toBe('unknown');
      },
    );

    test('an answer about another post is refused, and said', () => {
      expect(records['another post']?.post?.id ?? null).not.toBe('20');
    });

    test('withheld media are named; the rest of the post is kept', () => {
      expect(records['media withheld']).toMatchObject({ state: 'partial' });
      expect(stepOf('media withheld', 'media')?.state).toBe('failed');
    });

    test.each([
      ['tls', 'tls'],
      ['dns', 'dns'],
      ['refused', 'refused'],
      ['loop', 'redirect-loop'],
    ])('a page with trouble %s fails with the reason %s', (name, reason) => {
      expect(stepOf(name, 'page')).toMatchObject({ state: 'failed', reason });
      expect(records[name]?.state).toBe('failed');
    });

    test('a redirect to a private address is refused', () => {
      expect(stepOf('private', 'page')?.state).toBe('failed');
      expect(JSON.stringify(holdfast.internet.log())).not.toContain('169.254.169.254');
    });

    test('a 404 with a body is kept with its body', () => {
      expect(records.gone).toMatchObject({ state: 'complete' });
      expect(records.gone?.artifacts.map(({ role }) => role)).toEqual(
        expect.arrayContaining(['screenshot.full', 'text']),
      );
    });

    test('a page that never goes idle, and one that drips, are cut and kept as they stood', () => {
      expect(stepOf('busy', 'page')).toMatchObject({ state: 'done' });
      // A request that was under way at the cut is not kept, and makes it partial.
      expect(['complete', 'partial']).toContain(records.busy?.state);
      expect(['done', 'failed']).toContain(stepOf('drip', 'page')?.state);
    });

    test('an empty file and HTML served as mp4 are named as what they are', () => {
      expect(stepOf('clips', 'media')?.state).toBe('failed');
      expect(records.clips?.artifacts.filter(({ role }) => role === 'media.original')).toEqual([]);
    });

    test('a download that breaks off goes on from there, and has the digest of the whole', () => {
      expect(stepOf('breaks off', 'media')).toMatchObject({ state: 'done', reason: null });
      expect(holdfast.internet.log().some(({ status }) => status === 206)).toBe(true);
    });

    test('lies about a file are found in its bytes, not in its headers', () => {
      expect(records['media that lie']).toMatchObject({ state: 'partial' });
      expect(stepOf('media that lie', 'media')).toMatchObject({
        state: 'failed',
        reason: 'not-media',
      });
    });
  });
});
