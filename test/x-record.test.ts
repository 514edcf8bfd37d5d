/** What each answer of each route says about a post, and what is concluded from all of them. */
import { describe, expect, test } from 'vitest';
import type { LinkFacts } from '../src/platforms/identity.ts';
import type { Platform, SourceRecord } from '../src/platforms/platform.ts';
import { platformOf } from '../src/platforms/platforms.ts';
import { readGraphql } from '../src/platforms/x/routes/graphql-answer.ts';
import { readOembed } from '../src/platforms/x/routes/oembed.ts';
import { readSyndication } from '../src/platforms/x/routes/syndication.ts';
import { openX } from '../src/platforms/x/x.ts';
import { fc } from './support/property.ts';
import {
  answer,
  noticeBody,
  type Outside,
  outside,
  postId,
  queried,
  type Served,
  syndicated,
  tweetResult,
} from './support/x-answers.ts';

const goingOn = new AbortController().signal;

function newX(queryIds: string[] = []): Platform {
  return openX({ bearer: null, queryIds });
}

async function recordOf(
  routes: Outside,
  {
    source = `x:status:${postId}`,
    facts = {},
    x = newX(),
  }: { source?: string; facts?: LinkFacts; x?: Platform } = {},
): Promise<SourceRecord & { asked: string[] }> {
  const { ask, asked } = outside(routes);
  const record = await x.record({ source, link: '', facts }, ask, goingOn);
  return {
    ...record,
    asked: asked.map(({ route, url }) => (url.endsWith('activate.json') ? 'activate' : route)),
  };
}

const codes = (record: SourceRecord) => record.warnings.map(({ code }) => code);

describe('an answer of syndication', () => {
  const rows: [string, Served, string][] = [
    ['the post', { body: syndicated() }, 'available'],
    ['{} (our token was refused)', { body: {} }, 'extractor-broken'],
    [
      'an empty notice (age gate)',
      { body: { __typename: 'TweetTombstone', tombstone: {} } },
      'login-required',
    ],
    [
      'a notice of an unknown form',
      { body: { __typename: 'TweetTombstone', tombstone: { picture: 1 } } },
      'unknown',
    ],
    ['no tombstone inside a tombstone', { body: { __typename: 'TweetTombstone' } }, 'unknown'],
    ['a kind that nobody knows', { body: { __typename: 'TweetHologram' } }, 'unknown'],
    ['404', { status: 404, body: '<html></html>' }, 'not-found'],
    ['403', { status: 403 }, 'blocked'],
    ['429', { status: 429 }, 'rate-limited'],
    ['503', { status: 503, body: syndicated() }, 'unreachable'],
    ['451', { status: 451 }, 'legal-withheld'],
    ['no answer', { failure: 'timed-out' }, 'unreachable'],
    ['more than we read', { failure: 'too-large' }, 'extractor-broken'],
    ['a web page', { body: '<html>Are you human?</html>' }, 'extractor-broken'],
    [
      'a redirect',
      { status: 302, headers: [['location', 'https://x.com/i/flow/login']] },
      'extractor-broken',
    ],
    ['a post without a text', { body: syndicated({ text: undefined }) }, 'extractor-broken'],
    [
      'a post whose id is a number',
      { body: syndicated({ id_str: 1227656969236877300 }) },
      'extractor-broken',
    ],
    ['another post', { body: syndicated({ id_str: '20' }) }, 'extractor-broken'],
  ];
  test.each(rows)('%s', (_name, served, signal) => {
    const read = readSyndication(answer({ route: 'syndication', url: '' }, served), postId);
    expect(read.signal).toBe(signal);
    expect(read.claims === null).toBe(signal !== 'available');
  });
});

describe('the text of a notice', () => {
  const rows: [string, string][] = [
    ['This Post was deleted by the Post author. Learn more', 'deleted-by-author'],
    ['This Tweet was deleted by the Tweet author. Learn more', 'deleted-by-author'],
    ['This Post is from an account that no longer exists. Learn more', 'account-gone'],
    ['This Post is from a suspended account. Learn more', 'account-suspended'],
    ['This account has been suspended.', 'account-suspended'],
    [
      'You’re unable to view this Post because this account owner limits who can view their Posts. Learn more',
      'protected',
    ],
    [
      "You're unable to view this Tweet because this account owner limits who can view their Tweets.",
      'protected',
    ],
    ['This Post violated the X Rules. Learn more', 'removed-by-platform'],
    ['This Tweet violated the Twitter Rules. Learn more', 'removed-by-platform'],
    ['There’s a new version of this Post.', 'superseded'],
    [
      'Age-restricted adult content. This content might not be appropriate for people under 18 years old. To view this media, you’ll need to log in to X. Learn more',
      'login-required',
    ],
    // Generic or unknown: never a deletion.
    ['This Post is unavailable.', 'unknown'],
    ['Hmm...this page doesn’t exist', 'unknown'],
    ['Dieser Post wurde vom Verfasser gelöscht.', 'unknown'],
    ['They said: this Post was deleted by the Post author.', 'unknown'],
    ['', 'unknown'],
  ];
  test.each(rows)('%s', (text, signal) => {
    const bySyndication = readSyndication(
      answer({ route: 'syndication', url: '' }, { body: noticeBody(text) }),
      postId,
    );
    const graphqlForm = {
      __typename: 'TweetTombstone',
      tombstone: { __typename: 'TextTombstone', text: { text } },
    };
    const byGraphql = readGraphql(
      answer({ route: 'graphql', url: '' }, tweetResult(graphqlForm)),
      postId,
    );
    expect(bySyndication).toMatchObject({ signal, statement: text });
    expect(byGraphql).toMatchObject({ signal, statement: text });
  });
});

describe('an answer of GraphQL', () => {
  const unavailable = (reason: string) => tweetResult({ __typename: 'TweetUnavailable', reason });
  const errors = (code: number, message: string, more: Record<string, unknown> = {}) => ({
    errors: [{ code, message }],
    ...more,
  });
  const rows: [string, Served, string][] = [
    ['the post', tweetResult(queried()), 'available'],
    [
      'the post with a false alarm',
      {
        body: {
          ...errors(0, 'Dependency: Unspecified'),
          data: { tweetResult: { result: queried() } },
        },
      },
      'available',
    ],
    ['the post with an error’s status', { ...tweetResult(queried()), status: 404 }, 'available'],
    [
      'the post behind a label',
      tweetResult({
        __typename: 'TweetWithVisibilityResults',
        tweet: queried(),
        mediaVisibilityResults: {
          blurred_image_interstitial: {
            text: { text: 'X labeled this post as containing Adult Content.' },
          },
        },
      }),
      'available-limited',
    ],
    ['nothing', { body: { data: { tweetResult: {} } } }, 'not-found'],
    [
      'error 144',
      { body: errors(144, '_Missing: No status found with that ID.', { data: {} }) },
      'not-found',
    ],
    ['a bare 404 (stale query)', { status: 404 }, 'extractor-broken'],
    [
      'a preview for subscribers',
      tweetResult({ __typename: 'TweetPreviewDisplay' }),
      'subscribers-only',
    ],
    ['Protected', unavailable('Protected'), 'protected'],
    ['Suspended', unavailable('Suspended'), 'account-suspended'],
    ['Deleted', unavailable('Deleted'), 'deleted-by-author'],
    ['NsfwLoggedOut', unavailable('NsfwLoggedOut'), 'login-required'],
    ['NsfwViewerHasNoStatedAge', unavailable('NsfwViewerHasNoStatedAge'), 'login-required'],
    ['NsfwViewerIsUnderage', unavailable('NsfwViewerIsUnderage'), 'login-required'],
    ['BounceDeleted', unavailable('BounceDeleted'), 'removed-by-platform'],
    ['ExclusiveTweet', unavailable('ExclusiveTweet'), 'subscribers-only'],
    ['a reason that nobody knows', unavailable('constructor'), 'unknown'],
    ['unavailable without a reason', tweetResult({ __typename: 'TweetUnavailable' }), 'unknown'],
    ['a bare notice (age gate)', tweetResult({ __typename: 'TweetTombstone' }), 'login-required'],
    ['a kind that nobody knows', tweetResult({ __typename: 'TweetHologram' }), 'unknown'],
    ['another post', tweetResult({ ...queried(), rest_id: '20' }), 'extractor-broken'],
    ['error 88', { body: errors(88, 'Rate limit exceeded') }, 'rate-limited'],
    ['429', { status: 429, body: errors(88, 'Rate limit exceeded') }, 'rate-limited'],
    ['a timeout inside X', { body: errors(29, 'Timeout: Unspecified') }, 'unreachable'],
    [
      'access control',
      { status: 403, body: errors(37, 'Denied by access control: Missing') },
      'blocked',
    ],
    [
      'missing features',
      { status: 400, body: errors(336, 'The following features cannot be null: a_b') },
      'extractor-broken',
    ],
    ['no answer', { failure: 'reset' }, 'unreachable'],
    ['a web page', { body: '<html></html>' }, 'extractor-broken'],
    ['{}', { body: {} }, 'extractor-broken'],
  ];
  test.each(rows)('%s', (_name, served, signal) => {
    const read = readGraphql(answer({ route: 'graphql', url: '' }, served), postId);
    expect(read.signal).toBe(signal);
    expect(read.claims === null).toBe(!signal.startsWith('available'));
  });

  test('keeps the label that X put on a post', () => {
    const served = tweetResult({
      __typename: 'TweetWithVisibilityResults',
      tweet: queried(),
      mediaVisibilityResults: { text: { text: 'Adult Content' } },
    });
    expect(readGraphql(answer({ route: 'graphql', url: '' }, served), postId).statement).toBe(
      'Adult Content',
    );
  });
});

const embedding = (id: string, text = 'A &lt;made-up&gt; post') => ({
  author_name: 'Made Up',
  author_url: 'https://x.com/MadeUp',
  html: `<blockquote class="twitter-tweet"><p lang="en" dir="ltr">${text}<br>two <a href="https://t.co/abc">pic.twitter.com/abc</a></p>&mdash; Made Up (@MadeUp) <a href="https://twitter.com/MadeUp/status/${id}?ref_src=twsrc%5Etfw">February 12, 2020</a></blockquote>`,
});

describe('an answer of oEmbed', () => {
  const rows: [string, Served, string][] = [
    ['the post', { body: embedding(postId) }, 'available'],
    ['another post', { body: embedding('20') }, 'extractor-broken'],
    ['404', { status: 404, body: '<html></html>' }, 'not-found'],
    ['403, which posts that are there get too', { status: 403 }, 'blocked'],
    ['429', { status: 429 }, 'rate-limited'],
    ['500', { status: 500 }, 'unreachable'],
    ['a web page', { body: '<html></html>' }, 'extractor-broken'],
    ['an empty embedding', { body: { html: '' } }, 'extractor-broken'],
  ];
  test.each(rows)('%s', (_name, served, signal) => {
    expect(readOembed(answer({ route: 'oembed', url: '' }, served), postId).signal).toBe(signal);
  });
});

describe('a post that both routes give', () => {
  const both = { syndication: { body: syndicated() }, graphql: tweetResult(queried()) };

  test('is recorded, and nobody else is asked', async () => {
    const record = await recordOf(both);
    expect(record.verdict).toEqual({ state: 'done', reason: null });
    expect(record.warnings).toEqual([]);
    expect(record.asked).toEqual(['syndication', 'activate', 'graphql']);
    expect(record.post).toMatchObject({
      id: postId,
      author: { id: '42', handle: 'MadeUp', name: 'Made Up' },
      text: 'A made-up post',
      claimedAt: '2020-02-12T18:13:24.000Z',
      idTime: '2020-02-12T18:13:24.886Z',
      possiblySensitive: null,
      route: 'syndication',
      degraded: [],
    });
  });

  test('needs its record and one good view; without media nothing else is required', async () => {
    const { plan } = await recordOf(both);
    expect(plan.shape).toBe('post');
    expect(plan.steps).toEqual([
      { name: 'record', required: true },
      { name: 'page', required: true },
      { name: 'media', required: false },
      { name: 'seal', required: true },
    ]);
    expect(plan.pages.map(({ view, url }) => [view, url])).toEqual([
      [
        'embed',
        `https://platform.twitter.com/embed/Tweet.html?id=${postId}&theme=light&dnt=true&lang=en&hideThread=true`,
      ],
      ['site', `https://x.com/MadeUp/status/${postId}`],
    ]);
  });

  test('is told apart where the two records differ', async () => {
    const record = await recordOf({
      ...both,
      graphql: tweetResult(queried({ full_text: 'Another text', user_id_str: '42' })),
    });
    expect(codes(record)).toEqual(['routes-disagree']);
    expect(record.warnings[0]?.message).toContain('the text');
  });

  test('tells when the link or the text around it names another author', async () => {
    const record = await recordOf(both, {
      facts: { attributedTo: '@SomebodyElse', handle: 'madeup' },
    });
    expect(codes(record)).toEqual(['attribution-mismatch']);
    expect(record.warnings[0]?.message).toMatch(/names @SomebodyElse .* by @MadeUp \(account 42\)/);
    expect(
      codes(await recordOf(both, { facts: { attributedTo: 'madeup', handle: 'MADEUP' } })),
    ).toEqual([]);
  });

  test('tells when its own times contradict each other', async () => {
    const later = { body: syndicated({ created_at: '2020-02-12T18:13:30.000Z' }) };
    expect(codes(await recordOf({ ...both, syndication: later }))).toContain('time-mismatch');
  });

  test('tells when a newer version exists', async () => {
    const stale = {
      body: syndicated({
        isStaleEdit: true,
        edit_control: { edit_tweet_ids: [postId, '1227656969236877999'] },
      }),
    };
    const record = await recordOf({ syndication: stale, graphql: { status: 404 } });
    expect(record.post?.editIds).toHaveLength(2);
    expect(codes(record)).toContain('superseded');
  });
});

describe('a long post', () => {
  const cut = { body: syndicated({ text: 'A long post that is c…', note_tweet: { id: 'x' } }) };

  test('is kept with its whole text where GraphQL gives it', async () => {
    const note = {
      note_tweet_results: { result: { text: 'A long post that is cut &amp; whole' } },
    };
    const record = await recordOf({
      syndication: cut,
      graphql: tweetResult(queried({}, { note_tweet: note })),
    });
    expect(record.post).toMatchObject({
      text: 'A long post that is cut & whole',
      textTruncated: false,
      route: 'graphql',
    });
    expect(record.verdict).toEqual({ state: 'done', reason: null });
  });

  test('says so where nobody gives the whole text', async () => {
    const record = await recordOf({ syndication: cut, graphql: { failure: 'timed-out' } });
    expect(record.post).toMatchObject({
      textTruncated: true,
      degraded: ['no-note-text', 'one-route-only'],
    });
    expect(record.verdict).toEqual({ state: 'failed', reason: 'no-note-text' });
  });
});

describe('what is concluded from all routes', () => {
  const ageGate = { body: { __typename: 'TweetTombstone', tombstone: {} } };
  const deleted = { body: noticeBody('This Post was deleted by the Post author. Learn more') };
  const suspended = tweetResult({ __typename: 'TweetUnavailable', reason: 'Suspended' });
  const protectedPost = tweetResult({ __typename: 'TweetUnavailable', reason: 'Protected' });
  const rows: [string, Outside, SourceRecord['verdict']][] = [
    [
      'deleted by its author',
      { syndication: deleted },
      { state: 'done', reason: 'deleted-by-author' },
    ],
    [
      'of a suspended account',
      { graphql: suspended },
      { state: 'done', reason: 'account-suspended' },
    ],
    ['protected', { graphql: protectedPost }, { state: 'blocked', reason: 'protected' }],
    [
      'behind the age gate',
      { syndication: ageGate },
      { state: 'blocked', reason: 'login-required' },
    ],
    [
      'age-gated by one, deleted by the other: nobody may call it gone',
      { syndication: deleted, graphql: tweetResult({ __typename: 'TweetTombstone' }) },
      { state: 'blocked', reason: 'login-required' },
    ],
    ['nowhere', {}, { state: 'done', reason: 'not-found' }],
    [
      '{} everywhere',
      { syndication: { body: {} }, graphql: { body: {} }, oembed: { body: {} } },
      { state: 'failed', reason: 'extractor-broken' },
    ],
    [
      'unreachable',
      { syndication: { failure: 'dns' }, activate: { failure: 'dns' }, oembed: { failure: 'dns' } },
      { state: 'failed', reason: 'unreachable' },
    ],
    [
      'refused',
      { syndication: { status: 403 }, activate: { status: 403 }, oembed: { status: 403 } },
      { state: 'failed', reason: 'blocked' },
    ],
    [
      'rate-limited',
      {
        syndication: { status: 429, headers: [['Retry-After', '120']] },
        activate: { status: 429 },
        oembed: { status: 429 },
      },
      { state: 'failed', reason: 'rate-limited', retryAfterMs: 120_000 },
    ],
    [
      'rate-limited, while the others know nothing',
      { syndication: { status: 429 }, graphql: { body: {} } },
      { state: 'done', reason: 'not-found', retryAfterMs: 60_000 },
    ],
    [
      'deleted, though one was rate-limited: no need to wait',
      { syndication: deleted, activate: { status: 429 } },
      { state: 'done', reason: 'deleted-by-author' },
    ],
  ];
  test.each(rows)('%s', async (_name, routes, verdict) => {
    const record = await recordOf(routes);
    expect(record.verdict).toEqual(verdict);
    expect(record.post).toBeNull();
    expect(record.plan.steps.map(({ name }) => name)).toEqual(['record', 'page', 'seal']);
  });

  test('a view of the notice is not required where X says that the post can’t be seen, and is where nobody said so', async () => {
    const page = (record: SourceRecord) =>
      record.plan.steps.find(({ name }) => name === 'page')?.required;
    expect(page(await recordOf({ syndication: deleted }))).toBe(false);
    expect(
      page(
        await recordOf({ syndication: { body: {} }, graphql: { body: {} }, oembed: { body: {} } }),
      ),
    ).toBe(true);
  });

  test('a post that only one route gives is kept, and the disagreement told', async () => {
    const record = await recordOf({ syndication: { body: syndicated() }, graphql: suspended });
    expect(record.verdict.state).toBe('done');
    expect(record.post?.degraded).toEqual(['one-route-only']);
    expect(record.warnings[0]).toMatchObject({ code: 'routes-disagree' });
    expect(record.warnings[0]?.message).toContain(
      'syndication says available, graphql says account-suspended',
    );
  });

  test('an embedding alone gives a text, but no record of the media', async () => {
    const record = await recordOf({
      oembed: { body: embedding(postId, 'A &amp;lt;made-up&amp;gt; &amp; post') },
    });
    expect(record.verdict).toEqual({ state: 'failed', reason: 'oembed-only' });
    expect(record.post).toMatchObject({
      text: 'A &lt;made-up&gt; & post\ntwo pic.twitter.com/abc',
      degraded: ['oembed-only'],
      claimedAt: null,
    });
    expect(record.post?.author).toEqual({ id: null, handle: 'MadeUp', name: 'Made Up' });
  });

  test('the record of another post is refused and told', async () => {
    const record = await recordOf({ syndication: { body: syndicated({ id_str: '20' }) } });
    expect(record.post).toBeNull();
    expect(codes(record)).toEqual(['identity-mismatch']);
  });

  test('a notice in place of the text is never stored as the text', async () => {
    const notice = 'This Tweet from @MadeUp is withheld in: Japan.';
    const record = await recordOf({
      syndication: { body: syndicated({ text: notice, withheld_in_countries: ['JP'] }) },
      graphql: tweetResult(queried({ full_text: notice, withheld_in_countries: ['JP'] })),
    });
    expect(record.post).toBeNull();
    expect(record.verdict).toEqual({ state: 'blocked', reason: 'geo-withheld' });
    expect(record.readings[0]).toMatchObject({ signal: 'geo-withheld', statement: notice });
    const quotesIt = 'This Tweet from @SomebodyElse is withheld in: Japan.';
    expect(
      (
        await recordOf({
          syndication: { body: syndicated({ text: quotesIt, display_text_range: undefined }) },
        })
      ).post?.text,
    ).toBe(quotesIt);
  });

  test.each([
    [
      'with a video',
      { mediaDetails: [{ type: 'video', media_url_https: 'https://pbs.twimg.com/media/K.jpg' }] },
      '',
    ],
    ['with media that can’t be read', { entities: { media: [{ url: 'https://t.co/abc' }] } }, ''],
  ])(
    'a notice that an author wrote above a post %s doesn’t keep it out of the archive',
    async (_how, more, rest) => {
      const text = `This Tweet from @MadeUp is withheld in: Japan.${rest}`;
      const body = syndicated({ text, display_text_range: undefined, ...more });
      const { post, readings } = await recordOf({ syndication: { body } });
      expect(post?.rawText).toBe(text);
      expect(readings[0]?.signal).toBe('available');
    },
  );

  test('every answer is handed on as a reading', async () => {
    const record = await recordOf({ syndication: { status: 403 } });
    expect(record.readings).toHaveLength(record.asked.length);
    expect(record.readings.every(({ answer: kept }) => kept.observedAt instanceof Date)).toBe(true);
  });
});

describe('asking', () => {
  test('syndication is asked again as a browser where the honest name is refused, and says so', async () => {
    const { ask, asked } = outside({
      syndication: ({ headers }) =>
        headers?.['user-agent']?.startsWith('Mozilla') ? { body: syndicated() } : { status: 403 },
      graphql: tweetResult(queried()),
    });
    const record = await newX().record(
      { source: `x:status:${postId}`, link: '', facts: {} },
      ask,
      goingOn,
    );
    expect(asked.filter(({ route }) => route === 'syndication')).toHaveLength(2);
    expect(record.verdict.state).toBe('done');
    expect(codes(record)).toEqual(['browser-agent-used']);
  });

  test('a guest token is used for an hour, and renewed once when X refuses it', async () => {
    const x = newX();
    const both = { syndication: { body: syndicated() }, graphql: tweetResult(queried()) };
    await recordOf(both, { x });
    expect((await recordOf(both, { x })).asked).not.toContain('activate');
    let refusals = 0;
    const refusingOnce = {
      ...both,
      graphql: () =>
        refusals++ === 0
          ? { status: 403, body: { errors: [{ code: 239, message: 'Bad guest token' }] } }
          : tweetResult(queried()),
    };
    const renewed = await recordOf(refusingOnce, { x });
    expect(renewed.asked).toEqual(['syndication', 'graphql', 'activate', 'graphql']);
    expect(renewed.verdict.state).toBe('done');
    const refusing = {
      ...both,
      graphql: { status: 403, body: { errors: [{ code: 239, message: 'Bad guest token' }] } },
    };
    expect((await recordOf(refusing, { x })).asked).toEqual([
      'syndication',
      'graphql',
      'activate',
      'graphql',
      'oembed',
    ]);
  });

  test('query names are tried in order, and the one that works is asked first from then on', async () => {
    const x = newX(['old', 'new']);
    const routes: Outside = {
      syndication: { body: syndicated() },
      graphql: ({ url }) => (url.includes('/new/') ? tweetResult(queried()) : { status: 404 }),
    };
    expect((await recordOf(routes, { x })).asked).toEqual([
      'syndication',
      'activate',
      'graphql',
      'graphql',
    ]);
    expect((await recordOf(routes, { x })).asked).toEqual(['syndication', 'graphql']);
  });

  test('switches that X misses are added', async () => {
    const routes: Outside = {
      syndication: { body: syndicated() },
      graphql: ({ url }) =>
        new URL(url).searchParams.get('features')?.includes('brand_new_switch')
          ? tweetResult(queried())
          : {
              status: 400,
              body: {
                errors: [
                  {
                    code: 336,
                    message: 'The following features cannot be null: brand_new_switch, __proto__',
                  },
                ],
              },
            },
    };
    const record = await recordOf(routes);
    expect(record.post?.degraded).toEqual([]);
  });
});

describe('a short code', () => {
  const source = 'x:tco:GcOPR6wfTJ';
  const both = { syndication: { body: syndicated() }, graphql: tweetResult(queried()) };
  const to = (location: string): Served => ({ status: 301, headers: [['location', location]] });

  test('leads to its post, and the hops are kept', async () => {
    const record = await recordOf(
      { ...both, 't.co': to(`https://twitter.com/OldName/status/${postId}/photo/1`) },
      { source },
    );
    expect(record.source).toBe(`x:status:${postId}`);
    expect(record.plan.source).toBe(`x:status:${postId}`);
    expect(record.hops).toEqual([
      {
        url: 'https://t.co/GcOPR6wfTJ',
        status: 301,
        location: `https://twitter.com/OldName/status/${postId}/photo/1`,
        failure: null,
        at: '2026-11-24T12:00:00.000Z',
      },
    ]);
    expect(codes(record)).toEqual(['attribution-mismatch']);
  });

  test('is followed through a page that refreshes, another code, X’s own redirects and its warning', async () => {
    const pages: Record<string, Served> = {
      'https://t.co/GcOPR6wfTJ': {
        body: `<head><noscript><META http-equiv="refresh" content="0;URL=https://t.co/Another123"></noscript></head>`,
      },
      'https://t.co/Another123': to('https://x.com/i/redirect?x=1'),
      'https://x.com/i/redirect?x=1': to(
        `/safety/unsafe_link_warning?unsafe_link=${encodeURIComponent(`https://x.com/a/status/${postId}`)}`,
      ),
    };
    const record = await recordOf(
      { ...both, 't.co': ({ url }) => pages[url] ?? { status: 404 } },
      { source },
    );
    expect(record.source).toBe(`x:status:${postId}`);
    expect(record.hops).toHaveLength(3);
  });

  test('that leads out of X becomes a page, which is not asked here', async () => {
    const record = await recordOf(
      { 't.co': to('https://news.example/story?utm_source=x') },
      { source },
    );
    expect(record).toMatchObject({
      source: 'web:https://news.example/story',
      asked: ['t.co'],
      verdict: { state: 'done' },
    });
    expect(record.plan).toMatchObject({ platform: 'web', shape: 'page' });
    expect(record.hops).toHaveLength(1);
  });

  const dead: [
    string,
    Served | ((question: { url: string }) => Served),
    SourceRecord['verdict'],
  ][] = [
    ['404', { status: 404 }, { state: 'failed', reason: 'not-found' }],
    ['a time-out', { failure: 'timed-out' }, { state: 'failed', reason: 'unreachable' }],
    ['a refusal', { status: 403 }, { state: 'failed', reason: 'blocked' }],
    [
      'a rate limit',
      { status: 429 },
      { state: 'failed', reason: 'rate-limited', retryAfterMs: 60_000 },
    ],
    [
      'a page that leads nowhere',
      { body: '<p>hello</p>' },
      { state: 'failed', reason: 'extractor-broken' },
    ],
    [
      'a dangerous address',
      to('javascript:alert(1)'),
      { state: 'failed', reason: 'extractor-broken' },
    ],
    ['a loop', to('https://t.co/GcOPR6wfTJ'), { state: 'failed', reason: 'too-many-hops' }],
  ];
  test.each(dead)('that meets %s stays provisional', async (_name, served, verdict) => {
    const record = await recordOf({ 't.co': served }, { source });
    expect(record.source).toBe(source);
    expect(record.verdict).toEqual(verdict);
    expect(record.plan.steps.map(({ name }) => name)).toEqual(['record', 'seal']);
    expect(record.hops.length).toBeGreaterThan(0);
  });
});

describe('sources that are no posts', () => {
  test('a page is planned without asking anybody', async () => {
    const { ask, asked } = outside({});
    const source = 'web:https://news.example/story';
    const record = await platformOf(source).record({ source, link: '', facts: {} }, ask, goingOn);
    expect(asked).toEqual([]);
    expect(record.plan.pages).toMatchObject([
      { view: 'page', url: 'https://news.example/story', collectMedia: true, focalSelector: null },
    ]);
    expect(record.plan.steps.filter(({ required }) => required).map(({ name }) => name)).toEqual([
      'page',
      'seal',
    ]);
  });

  test.each([
    ['x:user:babaktaghvaee', 'https://x.com/babaktaghvaee'],
    ['x:event:1484669206993903616', 'https://x.com/i/events/1484669206993903616'],
    ['x:broadcast:1yNGaQLWpejGj', 'https://x.com/i/broadcasts/1yNGaQLWpejGj'],
  ])('%s is captured as the page that it is', async (source, url) => {
    const record = await recordOf({}, { source });
    expect(record.asked).toEqual([]);
    expect(record.plan.pages.map((page) => page.url)).toEqual([url]);
    expect(record.plan.shape).toBe('page');
  });

  test.each([
    [
      'x:photo:EQmZ0hPXUAAxxxx',
      '',
      { fmt: 'png' },
      'picture',
      'https://pbs.twimg.com/media/EQmZ0hPXUAAxxxx?format=png&name=orig',
    ],
    [
      'x:gif:GYWCeZAaMAQ32uh',
      '',
      {},
      'gif',
      'https://video.twimg.com/tweet_video/GYWCeZAaMAQ32uh.mp4',
    ],
    [
      'x:avatar:/profile_images/1/a_normal.jpg',
      '',
      {},
      'picture',
      'https://pbs.twimg.com/profile_images/1/a_normal.jpg',
    ],
    [
      'x:video:1841204388993646595',
      'see https://video.twimg.com/ext_tw_video/1841204388993646595/pu/vid/avc1/1280x720/N.mp4?tag=12',
      {},
      'video',
      'https://video.twimg.com/ext_tw_video/1841204388993646595/pu/vid/avc1/1280x720/N.mp4?tag=12',
    ],
  ])('%s is captured as the file that it is', async (source, link, facts, kind, url) => {
    const { ask } = outside({});
    const record = await newX().record({ source, link, facts: facts as LinkFacts }, ask, goingOn);
    expect(record.plan.media).toHaveLength(1);
    expect(record.plan.media[0]).toMatchObject({ kind, id: '1' });
    expect(record.plan.media[0]?.candidates[0]?.url).toBe(url);
    expect(record.plan.pages).toEqual([]);
    expect(record.plan.steps[0]).toEqual({ name: 'media', required: true });
  });

  test('a video whose address nobody gave can’t be fetched, and says so', async () => {
    const record = await recordOf({}, { source: 'x:video:1841204388993646595' });
    expect(record.verdict).toEqual({ state: 'failed', reason: 'no-address' });
  });

  test('an unknown platform is refused', () => {
    expect(() => platformOf('mastodon:status:1')).toThrow(/no platform recognises/);
  });
});

describe('whatever comes back', () => {
  const readers = [readSyndication, readGraphql, readOembed];
  const status = fc.constantFrom(200, 200, 200, 204, 301, 400, 401, 404, 410, 418);

  test('never makes a reader throw, and is never a statement about the post by accident', () => {
    fc.assert(
      fc.property(fc.jsonValue(), status, (body, code) => {
        for (const reader of readers) {
          const read = reader(
            answer({ route: 'r', url: '' }, { status: code, body: JSON.stringify(body) }),
            postId,
          );
          expect(read.claims).toBeNull();
          const allowed =
            code === 404
              ? ['not-found', 'extractor-broken', 'unknown']
              : ['extractor-broken', 'unknown'];
          expect(allowed).toContain(read.signal);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('in any field of a post, leaves the post readable or refuses it', () => {
    const field = fc.constantFrom(
      ...Object.keys(syndicated()),
      'quoted_tweet',
      'parent',
      'mediaDetails',
      'note_tweet',
      'article',
      'place',
      'withheld_in_countries',
      'in_reply_to_status_id_str',
      'card',
      'birdwatch_pivot',
    );
    const legacyField = fc.constantFrom(
      ...Object.keys(queried().legacy),
      'extended_entities',
      'place',
      'quoted_status_id_str',
      'retweeted_status_result',
      'coordinates',
    );
    fc.assert(
      fc.property(field, legacyField, fc.jsonValue(), (name, legacyName, value) => {
        const first = readSyndication(
          answer({ route: 's', url: '' }, { body: syndicated({ [name]: value }) }),
          postId,
        );
        const second = readGraphql(
          answer(
            { route: 'g', url: '' },
            tweetResult(
              queried(
                { [legacyName]: value },
                {
                  note_tweet: value,
                  edit_control: value,
                  core: value,
                  card: { legacy: value },
                  quoted_status_result: { result: value },
                  birdwatch_pivot: value,
                  source: value,
                },
              ),
            ),
          ),
          postId,
        );
        for (const read of [first, second]) {
          expect(['available', 'unknown', 'extractor-broken']).toContain(read.signal);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('as bytes, never makes the recording throw', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ maxLength: 200 }),
        fc.constantFrom(200, 301, 404, 429, 500),
        async (body, code) => {
          const any: Served = { status: code, body, headers: [['location', body]] };
          const record = await recordOf(
            { syndication: any, graphql: any, activate: any, oembed: any, 't.co': any },
            { source: 'x:tco:GcOPR6wfTJ' },
          );
          expect(record.post).toBeNull();
          expect(record.verdict.state === 'done').toBe(record.source.startsWith('web:'));
        },
      ),
      { numRuns: 60 },
    );
  });
});
