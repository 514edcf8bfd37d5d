/** Already gone when the link arrived: what a third party kept, named as a third party's. */

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCaptures } from '../src/catalog/find.ts';
import { finalStep } from '../src/catalog/steps.ts';
import type { CaptureRecord } from '../src/model/capture-record.ts';
import { verifyRest } from '../src/pipeline/verify/captures.ts';
import { base32, readIndex, timeOf } from '../src/platforms/wayback.ts';
import { readKeptPost } from '../src/platforms/x/routes/third-party.ts';
import { type TestHoldfast, testHoldfast } from './support/holdfast.ts';
import { fc } from './support/property.ts';

const id = '1227601999999999999';
const archive = 'https://web.archive.org';
const keptPost = JSON.stringify({
  data: {
    id,
    text: 'Kept by somebody else: شاحنة near Qamishli',
    created_at: '2020-02-12T15:00:00.000Z',
    author_id: '42',
    attachments: { media_keys: ['3_1'] },
  },
  includes: {
    users: [
      { id: '7', username: 'OnlyMentioned', name: 'Only Mentioned' },
      { id: '42', username: 'SomebodyGone', name: 'Somebody Gone' },
    ],
    media: [
      { media_key: '3_9', url: 'https://pbs.twimg.com/media/OfAQuotedPost.jpg' },
      { media_key: '3_1', url: 'https://pbs.twimg.com/media/KEPT.jpg' },
      { url: 'https://evil.example.net/not-a-picture-of-x.jpg' },
    ],
  },
});
const keptPage = '<!doctype html><title>Old news</title><p>It was here.</p>';

let held: TestHoldfast;
let gone: CaptureRecord | undefined;
let unknown: CaptureRecord | undefined;
let page: CaptureRecord | undefined;

const sha1 = (body: string) => base32(createHash('sha1').update(body).digest());

beforeAll(async () => {
  held = await testHoldfast({ backend: 'postgres' });
  const { world } = held.internet;
  const index: string[][] = [
    [
      '20200212160000',
      `https://twitter.com/i/web/status/${id}`,
      'application/json',
      '200',
      sha1(keptPost),
    ],
    [
      '20200213160000',
      `https://twitter.com/i/web/status/${id}9`,
      'application/json',
      '200',
      'OTHERPOST',
    ],
    [
      '20200214160000',
      `https://twitter.com/SomebodyGone/status/${id}?s=20`,
      'text/html',
      '404',
      'NOTHING',
    ],
    [
      '20190101000000',
      'http://vanished.example.net:80/story',
      'text/html',
      '200',
      sha1('other bytes'),
    ],
  ];
  world.addPage(`${archive}/cdx/search/cdx`, {
    handler: ({ url }) => {
      const asked = (url.searchParams.get('url') ?? '')
        .replace('*', '')
        .replace(/^https?:\/\//, '');
      const rows = index.filter(([, original = '']) =>
        original
          .replace(/^https?:\/\//, '')
          .replace(':80/', '/')
          .startsWith(asked),
      );
      const head = ['timestamp', 'original', 'mimetype', 'statuscode', 'digest'];
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(rows.length === 0 ? [] : [head, ...rows]),
      };
    },
  });
  const kept = (path: string, body: string | Buffer, mediaType: string) =>
    world.addPage(`${archive}/web/${path}`, { bytes: Buffer.from(body), mediaType });
  kept(`20200212160000id_/https://twitter.com/i/web/status/${id}`, keptPost, 'application/json');
  kept('20200212160000id_/https://pbs.twimg.com/media/KEPT.jpg', 'a picture', 'image/jpeg');
  kept('20190101000000id_/http://vanished.example.net:80/story', keptPage, 'text/html');
  world.addPage('https://vanished.example.net/story', {
    status: 404,
    html: '<title>Not found</title>',
  });
  [gone, unknown, page] = await held.seal(
    `https://x.com/SomebodyGone/status/${id} https://x.com/SomebodyGone/status/1227601000000000001 https://vanished.example.net/story`,
  );
});

afterAll(() => held?.[Symbol.asyncDispose]());

describe('a post that is gone', () => {
  test('brings what the Wayback Machine holds: the record, its picture, its text, all named as that archive’s', async () => {
    const record = gone;
    const step = record?.steps.find(({ name }) => name === 'wayback');
    expect(step).toMatchObject({ state: 'done', required: false });
    const theirs = record?.artifacts.filter(({ role }) => role === 'third-party') ?? [];
    const texts = theirs.map(({ sha256 }) => sha256);
    expect(texts).toContain(createHash('sha256').update(keptPost).digest('hex'));
    expect(texts).toContain(createHash('sha256').update('a picture').digest('hex'));
    expect(theirs.every(({ name }) => name.startsWith('wayback/'))).toBe(true);
    const asked = held.internet.log().map(({ url }) => url);
    expect(asked.some((url) => url.includes(`${id}9`) && url.includes('id_'))).toBe(false);
    expect(asked.some((url) => url.includes('evil.example.net'))).toBe(false);
    // The post of the capture is what X said, and X said nothing.
    expect(record?.post).toBeNull();
    const { rows } = await findCaptures(held.app.parts.database, { text: 'Qamishli', limit: 5 });
    expect(rows.map(({ id: found }) => found)).toEqual([record?.id]);
  });

  test('without any copy says so, and ends as it would have', async () => {
    expect(unknown?.steps.find(({ name }) => name === 'wayback')).toMatchObject({
      state: 'skipped',
      reason: 'no-copy',
    });
  });
});

test('an archive that holds such a post has no fault: made anew, its catalog has the same words', async () => {
  const faults: string[] = [];
  for await (const { ok, subject, message } of verifyRest(held.app.parts))
    if (!ok) faults.push(`${subject}: ${message}`);
  expect(faults).toEqual([]);
});

describe('a page that is gone', () => {
  test('brings its copy, and says where the bytes are not those of the index', async () => {
    expect(page?.state).toBe('complete');
    const step = await finalStep(held.app.parts.database, page?.id ?? '', 'wayback');
    expect(step?.detail).toMatchObject({
      thirdParty: 'web.archive.org',
      copies: [{ timestamp: '20190101000000', sha1Agrees: false }],
    });
  });
});

describe('readers', () => {
  test('of the index and of kept posts take any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.json(), (bytes, json) => {
        for (const body of [Buffer.from(bytes), Buffer.from(json)]) {
          expect(Array.isArray(readIndex(body))).toBe(true);
          readKeptPost(body, `x:status:${id}`);
        }
      }),
    );
  });

  test('know the same digits and the same alphabet as the archive', () => {
    expect(base32(Buffer.from('foobar'))).toBe('MZXW6YTBOI');
    expect(sha1('')).toBe('3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ');
    expect(new Date(timeOf('20200212181324')).toISOString()).toBe('2020-02-12T18:13:24.000Z');
    expect(new Date(timeOf('2020'.padEnd(14, '0'))).toISOString()).toBe('2020-01-01T00:00:00.000Z');
  });

  test('of kept posts read both forms of X’s interface, and no other post', () => {
    const old = { id_str: id, full_text: 'text', user: { screen_name: 'h', name: 'N' } };
    expect(readKeptPost(Buffer.from(JSON.stringify(old)), `x:status:${id}`)).toMatchObject({
      text: 'text',
      author: { handle: 'h', name: 'N' },
    });
    expect(readKeptPost(Buffer.from(JSON.stringify(old)), 'x:status:1')).toBeNull();
    const two = readKeptPost(Buffer.from(keptPost), `x:status:${id}`);
    expect(two?.media).toEqual(['https://pbs.twimg.com/media/KEPT.jpg']);
    // Whoever stands first among the accounts of an answer need not have written the post.
    expect(two?.author).toEqual({ handle: 'SomebodyGone', name: 'Somebody Gone' });
    const unsigned = JSON.parse(keptPost);
    delete unsigned.data.author_id;
    expect(readKeptPost(Buffer.from(JSON.stringify(unsigned)), `x:status:${id}`)?.author).toEqual({
      handle: null,
      name: null,
    });
  });

  test('of kept posts say where a text was cut, and find the whole of it where it is kept', () => {
    const read = (post: object) =>
      readKeptPost(Buffer.from(JSON.stringify({ id_str: id, ...post })), `x:status:${id}`);
    const cut = { text: 'The beginning &amp;…', truncated: true };
    expect(read(cut)).toMatchObject({ text: 'The beginning &…', textTruncated: true });
    expect(read({ ...cut, extended_tweet: { full_text: 'The whole' } })).toMatchObject({
      text: 'The whole',
      textTruncated: false,
    });
  });
});
