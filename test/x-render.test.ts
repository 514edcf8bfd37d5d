/** Our own picture of a post: self-contained, honest about what it is, and proof against hostile text. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'parse5';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLog } from '../src/base/log.ts';
import { launchBrowser } from '../src/browser/browser.ts';
import { readConfig } from '../src/config/config.ts';
import { openEgress } from '../src/egress/egress.ts';
import type { Post, RenderedMedia, RenderNote } from '../src/platforms/platform.ts';
import { renderPost } from '../src/platforms/x/render/render.ts';
import { nodesIn } from '../src/platforms/x/routes/html-nodes.ts';
import { fc } from './support/property.ts';

const pixel =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function post(more: Partial<Post> = {}): Post {
  return {
    id: '1227656969236877313',
    author: { id: '42', handle: 'MadeUp', name: 'Made Up' },
    text: 'A made-up post',
    textTruncated: false,
    claimedAt: '2020-02-12T18:13:24.000Z',
    idTime: '2020-02-12T18:13:24.886Z',
    language: 'en',
    editIds: [],
    isStaleEdit: false,
    replyTo: null,
    quotedId: null,
    quoted: null,
    repliedTo: null,
    possiblySensitive: null,
    place: null,
    links: [],
    route: 'syndication',
    degraded: [],
    ...more,
  };
}

const media = (mediaId: string, more: Partial<RenderedMedia> = {}): RenderedMedia => ({
  mediaId,
  belongsTo: 'post',
  kind: 'picture',
  href: pixel,
  altText: null,
  width: 1,
  height: 1,
  durationMs: null,
  ...more,
});

const live: RenderNote = {
  environment: 'live',
  captureId: '0198f6a2-7b1e-7c3d-9a55-0242ac120002',
  renderedFrom: 'syndication',
};
const demo: RenderNote = { ...live, environment: 'demo' };

/** What a reader sees: all text nodes that aren't of the head, and the names of all elements and attributes. */
function contents(html: string) {
  const tags: string[] = [];
  const attributes: [string, string][] = [];
  let text = '';
  for (const node of nodesIn(parse(html))) {
    if ('tagName' in node) {
      tags.push(node.tagName);
      attributes.push(...node.attrs.map(({ name, value }) => [name, value] as [string, string]));
    }
    if (node.nodeName === '#text' && 'value' in node && node.parentNode?.nodeName !== 'style')
      text += node.value;
  }
  return { tags, attributes, text };
}

describe('a rendered post', () => {
  test('says what it is, and all the times it knows by their origin', () => {
    const { text } = contents(renderPost(post(), [], live));
    expect(text).toContain('Rendered from archived data, not a screenshot');
    expect(text).toContain('@MadeUp · account 42');
    expect(text).toMatch(/Posted, as claimed\s*2020-02-12 18:13:24 UTC/);
    expect(text).toMatch(/Posted, from its id\s*2020-02-12 18:13:24.886 UTC/);
    expect(text).toContain(live.captureId);
    expect(text).not.toContain('DEMONSTRATION');
  });

  test('of a demonstration says so above, below and in its title', () => {
    const { text } = contents(renderPost(post(), [], demo));
    expect(text.match(/DEMONSTRATION/g)).toHaveLength(3);
  });

  test('shows a frame for a video and says that it is one', () => {
    const attached = [{ id: '1', kind: 'video' as const, unavailable: null }];
    const { text } = contents(
      renderPost(post({ attached }), [media('1', { kind: 'video', durationMs: 12_000 })], live),
    );
    expect(text).toContain('video, 0:12: one frame of the archived file');
  });

  test('names every picture and video that is not in the archive', () => {
    const attached = [
      { id: '1', kind: 'picture' as const, unavailable: null },
      { id: '2', kind: 'video' as const, unavailable: 'dmcaed' },
      { id: '3', kind: 'video' as const, unavailable: null },
    ];
    const { text } = contents(
      renderPost(post({ attached }), [media('poster-3', { belongsTo: 'poster' })], live),
    );
    expect(text).toContain('Picture 1 is not in this archive');
    expect(text).toContain('Video 2 is not in this archive (X says: dmcaed)');
    expect(text).toContain('video: its still picture; the file itself is not in this archive');
  });

  test('shows the post that it quotes and the one that it answers, or says that they are missing', () => {
    const other = post({
      id: '20',
      text: 'The other',
      author: { id: null, handle: null, name: null },
    });
    const { text } = contents(
      renderPost(
        post({
          quotedId: '20',
          quoted: other,
          repliedTo: other,
          replyTo: { id: '20', handle: null },
        }),
        [],
        live,
      ),
    );
    expect(text.match(/The other/g)).toHaveLength(2);
    expect(text).toContain('handle not recorded');
    const alone = contents(
      renderPost(post({ quotedId: '20', replyTo: { id: '21', handle: 'who' } }), [], live),
    ).text;
    expect(alone).toContain("Quotes post 20, which the record doesn't hold");
    expect(alone).toContain("In reply to post 21 by @who, which the record doesn't hold");
  });

  test('keeps apart what the author, the readers and the platform say', () => {
    const { text } = contents(
      renderPost(
        post({
          ...beside('said'),
          attached: [
            {
              id: '1',
              kind: 'video',
              unavailable: null,
              uploadedAt: '2020-01-01T00:00:00.500Z',
              firstPostedWith: '20',
              tagged: [{ id: '7', handle: 'other', name: null }],
            },
          ],
        }),
        [],
        live,
      ),
    );
    for (const words of [
      'said: 3 votes',
      'not the final count',
      'A note by readers, shown beside the post by X',
      'Label by X: said',
      'Passed on: the post itself',
      "Quotes a post, which the record doesn't hold; in its place: said",
      '1: uploaded 2020-01-01 00:00:00.500 UTC, from its id; first posted with post 20; marked in it: @other (account 7)',
      'latitude 37.05, longitude 41.22',
      'said: from said',
    ])
      expect(text).toContain(words);
  });

  test('says what its record lacks', () => {
    const { text } = contents(
      renderPost(post({ textTruncated: true, degraded: ['no-note-text'] }), [], live),
    );
    expect(text).toContain('the full text could not be had');
    expect(text).toContain('the full text of this long post is missing');
  });
});

const hostile = `</div></main><script>alert(1)</script><img src=x onerror=alert(1)> "'\` &amp; {{x}} \u202Egnp.exe\u2066 \u{1F9FF}👨‍👩‍👧‍👦 z${'\u0300\u0316'.repeat(200)} \u0000\u0007 \uD800`;

/** Every field that a record may tell beside the text, each filled with the same words. */
const beside = (words: string): Partial<Post> => ({
  account: { createdAt: words, location: words, badge: words, withheldIn: [] },
  postedWith: words,
  quotedMissing: words,
  reposted: post({ text: words }),
  coordinates: { latitude: 37.05, longitude: 41.22 },
  card: {
    kind: words,
    title: words,
    description: words,
    link: words,
    poll: {
      choices: [{ label: words, votes: 3 }],
      endsAt: words,
      countedAt: words,
      isFinal: false,
    },
  },
  communityNote: { id: words, text: words },
  labels: [words],
  filledFrom: { [words]: words },
});

describe('hostile text', () => {
  const everyPart = post({
    quoted: post({ author: { id: null, handle: 'x', name: 'x' } }),
    replyTo: { id: 'x', handle: 'x' },
    place: 'x',
    links: [{ short: 'x', expanded: 'x' }],
    article: { title: 'x', preview: 'x' },
    attached: [
      { id: '1', kind: 'picture', unavailable: 'x' },
      { id: 'x', kind: 'video', unavailable: 'x' },
    ],
    degraded: ['x'],
    editIds: ['x', 'x'],
    ...beside('x'),
  });
  const everywhere = post({
    id: hostile,
    author: { id: hostile, handle: hostile, name: hostile },
    text: hostile,
    claimedAt: hostile,
    language: '"><script>',
    editIds: [hostile, hostile],
    quoted: post({ text: hostile, author: { id: null, handle: hostile, name: hostile } }),
    replyTo: { id: hostile, handle: hostile },
    place: hostile,
    links: [{ short: hostile, expanded: hostile }],
    article: { title: hostile, preview: hostile },
    attached: [
      { id: '1', kind: 'picture', unavailable: hostile },
      { id: hostile, kind: 'video', unavailable: hostile },
    ],
    degraded: [hostile],
    ...beside(hostile),
  });
  const html = renderPost(everywhere, [media('1', { altText: hostile })], {
    ...live,
    captureId: hostile,
    renderedFrom: hostile,
  });

  test('adds no element, no attribute and no address', () => {
    const { tags, attributes, text } = contents(html);
    const known = contents(renderPost(everyPart, [media('1', { altText: 'x' })], live));
    const names = new Set(known.attributes.map(([name]) => name));
    expect(tags.filter((tag) => tag !== 'span')).toEqual(
      known.tags.filter((tag) => tag !== 'span'),
    );
    expect(attributes.filter(([name]) => !names.has(name))).toEqual([]);
    expect(tags).not.toContain('script');
    expect(attributes.filter(([name]) => name.startsWith('on'))).toEqual([]);
    const addresses = attributes.filter(([name]) =>
      ['src', 'href', 'action', 'srcset', 'style'].includes(name),
    );
    expect(addresses.every(([, value]) => value.startsWith('data:image/'))).toBe(true);
    expect(text).toContain('<script>alert(1)</script>');
    expect(text).toContain('👨‍👩‍👧‍👦');
  });

  test('can’t reorder what is read: overriding signs are named instead', () => {
    const { text } = contents(html);
    expect(text).not.toMatch(/[\u202d\u202e]/);
    expect(text).toContain('U+202Egnp.exe');
    expect(html.isWellFormed()).toBe(true);
  });

  test('only pictures inside the page are shown', () => {
    const outside = [
      'https://tracker.example/p.png',
      'file:///etc/passwd',
      'data:text/html,<script>',
      'data:image/png;base64,"onerror=alert(1)',
    ];
    for (const href of outside) {
      const { attributes, text } = contents(
        renderPost(
          post({ attached: [{ id: '1', kind: 'picture', unavailable: null }] }),
          [media('1', { href })],
          live,
        ),
      );
      expect(attributes.some(([name]) => name === 'src')).toBe(false);
      expect(text).toContain('Picture 1 is not in this archive');
    }
  });

  const markup = fc.string({
    unit: fc.constantFrom(...'<>/!-&;="\' ab', '<b', '</', '<!--', '&lt', 'script'),
    minLength: 1,
  });

  test('of any kind leaves the page’s own structure alone', () => {
    const bare = contents(renderPost(post({ text: 'x' }), [], live)).tags;
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), markup), (text) => {
        const { tags } = contents(
          renderPost(post({ text, author: { id: null, handle: text, name: text } }), [], live),
        );
        expect(tags.filter((tag) => tag !== 'span')).toEqual(bare.filter((tag) => tag !== 'span'));
      }),
    );
  });

  test('opened in Chromium, the page runs nothing, asks nobody and keeps to its width', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-render-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { egress: egressConfig, tools } = readConfig();
    await using egress = await openEgress(egressConfig, openLog('silent'));
    await using door = await egress.openDoor();
    const signal = new AbortController().signal;
    await using browser = await launchBrowser({ tools, door, extraCaFile: null, folder, signal });
    const context = await browser.newContext({ widthPx: 640, heightPx: 800 });
    const page = await context.newPage();
    const requests: string[] = [];
    const troubles: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('dialog', () => troubles.push('dialog'));
    page.on('console', (message) => troubles.push(message.text()));
    page.on('pageerror', (error) => troubles.push(error.message));
    await page.setContent(html);
    const looks = await page.evaluate(`({
      width: document.documentElement.scrollWidth,
      styled: getComputedStyle(document.querySelector('.post')).borderTopLeftRadius,
      shown: [...document.images].every((image) => image.complete && image.naturalWidth > 0),
    })`);
    expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([]);
    expect(troubles).toEqual([]);
    expect(looks).toEqual({ width: 640, styled: '10px', shown: true });
  });
});
