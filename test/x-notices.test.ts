/** A notice of X's is told from an author's words by the structure of the record, never by the words. */
import { describe, expect, test } from 'vitest';
import type { SourceRecord } from '../src/platforms/platform.ts';
import { openX } from '../src/platforms/x/x.ts';
import { recordChanges } from '../src/watch/compare.ts';
import { fc } from './support/property.ts';
import {
  type Outside,
  outside,
  postId,
  queried,
  syndicated,
  tweetResult,
} from './support/x-answers.ts';

const goingOn = new AbortController().signal;
const source = `x:status:${postId}`;

async function recordOf(routes: Outside): Promise<SourceRecord> {
  const x = openX({ bearer: null, queryIds: [] });
  return await x.record({ source, link: '', facts: {} }, outside(routes).ask, goingOn);
}

const givenBy = (text: string, more = {}) => ({
  body: syndicated({ text, display_text_range: undefined, ...more }),
});
const alsoBy = (text: string, more = {}) =>
  tweetResult(queried({ full_text: text, display_text_range: undefined, ...more }));

const wordings = [
  '@MadeUp has been withheld in response to a report from the copyright holder. Learn more.',
  "@MadeUp's account has been withheld in Germany in response to a legal demand.",
  'This Tweet from @MadeUp is withheld in: Japan.',
  "@MadeUp's account is temporarily unavailable because it violates the Twitter Media Policy. Learn more.",
  'This Post was deleted by the Post author. Learn more',
  'This Tweet is from a suspended account. Learn more',
  'This account has been suspended',
  'This Post violated the X Rules.',
  'Age-restricted adult content. This content might not be appropriate for people under 18 years old.',
  'Dieser Post von @MadeUp wird in folgenden Ländern zurückgehalten: Japan.',
  'هذا المنشور من @MadeUp محجوب في: اليابان.',
];

/** One change, as a new wording or another language of the interface would bring it. */
const changes: Record<string, (text: string) => string> = {
  capitals: (text) => text.toUpperCase(),
  'small letters': (text) => text.toLowerCase(),
  'no full stop': (text) => text.replaceAll('.', ''),
  'one more full stop': (text) => `${text}.`,
  'curly quotes': (text) => text.replaceAll("'", '’'),
  'in quotes': (text) => `“${text}”`,
  'wide spaces': (text) => text.replaceAll(' ', '  '),
  'no-break spaces': (text) => text.replaceAll(' ', '\u00a0'),
  'post for tweet': (text) => text.replaceAll('Tweet', 'Post'),
  'tweet for post': (text) => text.replaceAll('Post', 'Tweet'),
  'a link': (text) => `${text} https://t.co/abc`,
};

const same = (text: string) => text;
const marked = { degraded: expect.arrayContaining(['reads-like-a-notice']) };
const signalOf = (record: SourceRecord, route: string) =>
  record.readings.findLast((reading) => reading.route === route)?.signal;

describe('a text that only reads like a notice', () => {
  const anyWording = fc.constantFrom(...wordings);
  const anyChange = fc.constantFrom(...Object.values(changes));

  test('is kept as the post’s text and marked; the source stays unknown', async () => {
    await fc.assert(
      fc.asyncProperty(anyWording, anyChange, anyChange, async (wording, one, other) => {
        const text = other(one(wording));
        const record = await recordOf({ syndication: givenBy(text) });
        expect(record.post).toMatchObject({ rawText: text, ...marked });
        expect(record.post?.author.handle).toBe('MadeUp');
        expect(record.verdict.state).toBe('done');
        expect(signalOf(record, 'syndication')).toBe('unknown');
        expect(record.warnings.map(({ code }) => code)).toContain('reads-like-a-notice');
      }),
      { examples: wordings.map((wording) => [wording, same, same] as const) },
    );
  });

  test('is there where a second route gives the same post', async () => {
    await fc.assert(
      fc.asyncProperty(anyWording, anyChange, async (wording, change) => {
        const text = change(wording);
        const record = await recordOf({ syndication: givenBy(text), graphql: alsoBy(text) });
        expect(record.post).toMatchObject({ rawText: text, ...marked });
        expect(signalOf(record, 'syndication')).toBe('available');
        expect(signalOf(record, 'graphql')).toBe('available');
      }),
    );
  });

  test('gives way to the words that another route gives', async () => {
    const [notice = ''] = wordings;
    const words = 'They shelled the school at noon';
    const record = await recordOf({ syndication: givenBy(notice), graphql: alsoBy(words) });
    expect(record.post?.rawText).toBe(words);
    expect(record.post?.degraded).not.toContain('reads-like-a-notice');
  });

  test('is never told as an edit', () => {
    const post = {
      ...{ id: '1', author: { id: '1', handle: 'a', name: 'a' }, textTruncated: false },
      ...{ possiblySensitive: null, unavailable: {} },
    };
    const capture = (text: string, mayBeNotice: boolean) => ({
      ...{ post: { ...post, text, mayBeNotice }, pages: [], media: [], avatar: null },
    });
    const words = capture('They shelled the school at noon', false);
    expect(recordChanges(words, capture(wordings[2] ?? '', true))).toEqual([]);
    expect(recordChanges(words, capture(wordings[2] ?? '', false))).toHaveLength(1);
  });
});

describe('a notice', () => {
  const help = 'https://help.x.com/rules-and-policies/post-withheld-by-country';
  const led = (url: string) => ({
    entities: { urls: [{ url, expanded_url: help, indices: [0, 1] }] },
  });

  test.each([
    ['the record names countries', { withheld_in_countries: ['JP'] }, 2, 'geo-withheld'],
    ['the record names copyright', { withheld_copyright: true }, 0, 'legal-withheld'],
    ['its link leads to the help pages', led(help), 1, 'legal-withheld'],
  ])('is known by its structure: %s', async (_what, more, wording, signal) => {
    const record = await recordOf({ syndication: givenBy(wordings[wording] ?? '', more) });
    expect(record.post).toBeNull();
    expect(signalOf(record, 'syndication')).toBe(signal);
  });

  test('is not made by a link that its author posted', async () => {
    const text = wordings[2] ?? '';
    const record = await recordOf({ syndication: givenBy(text, led('https://t.co/abc')) });
    expect(record.post?.rawText).toBe(text);
  });
});

describe('a living post', () => {
  const media = {
    mediaDetails: [{ type: 'photo', media_url_https: 'https://pbs.twimg.com/media/K.jpg' }],
  };
  test.each([
    [
      'quotes a notice to somebody else',
      'This Tweet from @SomebodyElse is withheld in: Japan.',
      {},
    ],
    ['writes a notice over a picture', wordings[2] ?? '', media],
    [
      'writes about notices',
      'They show “This Post is from a suspended account” for three of my sources since this morning; the clips are gone from every mirror that I know of, and no reason was given to any of them',
      {},
    ],
  ])('that %s is available by one route', async (_what, text, more) => {
    const record = await recordOf({ syndication: givenBy(text, more) });
    expect(record.post?.rawText).toBe(text);
    expect(signalOf(record, 'syndication')).toBe('available');
  });
});
