/** What a record tells beside a post's text, and whose word each part of it is. */
import { describe, expect, test } from 'vitest';
import type { SourceRecord } from '../src/platforms/platform.ts';
import { nothingMore, type PostClaims } from '../src/platforms/x/claims/claims.ts';
import { mergeRoutes } from '../src/platforms/x/merge-routes.ts';
import { renderPost } from '../src/platforms/x/render/render.ts';
import { readGraphql } from '../src/platforms/x/routes/graphql-answer.ts';
import { readSyndication } from '../src/platforms/x/routes/syndication.ts';
import { openX } from '../src/platforms/x/x.ts';
import { postSection } from '../src/seal/bundle/post-section.ts';
import { fc } from './support/property.ts';
import {
  answer,
  noticeBody,
  type Outside,
  outside,
  postId,
  queried,
  syndicated,
  tweetResult,
} from './support/x-answers.ts';

async function recordOf(routes: Outside): Promise<SourceRecord> {
  const { ask } = outside(routes);
  const x = openX({ bearer: null, queryIds: [] });
  const request = { source: `x:status:${postId}`, link: '', facts: {} };
  return x.record(request, ask, new AbortController().signal);
}

/** The post that GraphQL gives beside what syndication gives. */
async function postOf(
  legacy: Record<string, unknown>,
  more: Record<string, unknown> = {},
  bySyndication: Record<string, unknown> = {},
) {
  const { post } = await recordOf({
    syndication: { body: syndicated(bySyndication) },
    graphql: tweetResult(queried(legacy, more)),
  });
  if (post === null) throw new Error('no post');
  return post;
}

const noteOf = (text: string, more: Record<string, unknown> = {}) => ({
  note_tweet: { note_tweet_results: { result: { text, ...more } } },
});

describe('a long post', () => {
  test('keeps where the links in its long part lead, and whom it names there', async () => {
    const link = {
      url: 'https://t.co/far',
      expanded_url: 'https://example.org/far',
      indices: [0, 1],
    };
    const name = { id_str: '7', screen_name: 'other', name: 'Other' };
    const note = noteOf('… https://t.co/far @other', {
      entity_set: { urls: [link], user_mentions: [name] },
    });
    const post = await postOf({}, note, { text: 'A long…', note_tweet: { id: 'x' } });
    expect(post.links).toEqual([
      { short: 'https://t.co/far', expanded: 'https://example.org/far' },
    ]);
    expect(post.mentions).toEqual([{ id: '7', handle: 'other', name: 'Other' }]);
  });

  test('that is quoted is whole where one route gives the whole of it', async () => {
    const quoted = { ...syndicated({ id_str: '1227656969236877000' }), __typename: undefined };
    const post = await postOf(
      { quoted_status_id_str: '1227656969236877000' },
      {
        quoted_status_result: {
          result: { ...queried({}, noteOf('The whole of it')), rest_id: '1227656969236877000' },
        },
      },
      { quoted_tweet: { ...quoted, text: 'The wh…', note_tweet: { id: 'x' } } },
    );
    expect(post.quoted).toMatchObject({
      text: 'The whole of it',
      textTruncated: false,
      route: 'graphql',
    });
    expect(post.route).toBe('syndication');
    expect(post.filledFrom).toMatchObject({ quoted: 'graphql' });
  });
});

describe('what is not the post’s own', () => {
  test('a repost is told from a text that only looks like one', async () => {
    const original = {
      ...queried({ full_text: 'The whole original' }),
      rest_id: '1227656969236877000',
    };
    const text = 'RT @MadeUp: The whole ori…';
    const passedOn = await postOf(
      { full_text: text, retweeted_status_result: { result: original } },
      {},
      { text },
    );
    const typed = await postOf({ full_text: text }, {}, { text });
    expect(passedOn.reposted).toMatchObject({
      id: '1227656969236877000',
      text: 'The whole original',
    });
    expect(typed.reposted).toBeNull();
    expect(passedOn.text).toBe(typed.text);
  });

  test.each([
    ['in words', { ...noticeBody('This Post was deleted by the Post author. Learn more') }],
    ['by a code', { __typename: 'TweetUnavailable', reason: 'Suspended' }],
    ['without any', { __typename: 'TweetTombstone' }],
    ['in no known form', [1]],
  ])('a quoted post that is missing says so %s', async (_how, result) => {
    const post = await postOf({ quoted_status_id_str: '20' }, { quoted_status_result: { result } });
    expect(post.quoted).toBeNull();
    expect([
      'This Post was deleted by the Post author. Learn more',
      'Suspended',
      'TweetTombstone',
      'unreadable',
    ]).toContain(post.quotedMissing);
    expect(post.degraded).toContain('no-quoted-post');
  });

  test('a quoted post in a form that nobody knows is not silently none', async () => {
    const post = await postOf({}, {}, { quoted_tweet: { id: 20 } });
    expect(post).toMatchObject({ quoted: null, quotedMissing: 'unreadable' });
    expect(post.degraded).toContain('no-quoted-post');
  });

  test('a notice in place of a quoted post’s text is not told as the author’s words', async () => {
    const notice = 'This Tweet from @MadeUp is withheld in: Japan.';
    const withheld = { withheld_in_countries: ['JP'] };
    const quoted = {
      ...syndicated({ id_str: '20', text: notice, ...withheld }),
      __typename: undefined,
    };
    for (const post of [
      await postOf({}, {}, { quoted_tweet: quoted }),
      await postOf(
        { quoted_status_id_str: '20' },
        {
          quoted_status_result: {
            result: { ...queried({ full_text: notice, ...withheld }), rest_id: '20' },
          },
        },
      ),
    ]) {
      expect(post).toMatchObject({ quoted: null, quotedId: '20', quotedMissing: notice });
    }
  });

  test('readers’ notes and X’s labels are kept as theirs', async () => {
    const record = await recordOf({
      syndication: { body: syndicated() },
      graphql: tweetResult({
        __typename: 'TweetWithVisibilityResults',
        tweet: queried(
          {},
          {
            birdwatch_pivot: { subtitle: { text: 'The video is older.' }, note: { rest_id: '9' } },
          },
        ),
        mediaVisibilityResults: {
          blurred_image_interstitial: { text: { text: 'Adult Content' } },
        },
        softInterventionPivot: { text: { text: 'Visibility limited' } },
      }),
    });
    expect(record.post).toMatchObject({
      communityNote: { id: '9', text: 'The video is older.' },
      labels: ['Adult Content', 'Visibility limited'],
      filledFrom: { communityNote: 'graphql', labels: 'graphql' },
    });
  });

  test('where a post or its whole account is withheld is told, and why where X says it', async () => {
    const { post, warnings } = await recordOf({
      syndication: {
        body: syndicated({ withheld_in_countries: ['DE'], withheld_copyright: true }),
      },
      graphql: tweetResult(
        queried(
          {},
          {
            core: {
              user_results: {
                result: { rest_id: '42', legacy: { withheld_in_countries: ['TR'] } },
              },
            },
          },
        ),
      ),
    });
    expect(post?.withheldIn).toEqual(['DE', 'XY']);
    expect(warnings.map(({ message }) => message)).toEqual([
      'X withholds this post in DE, every country, after a copyright complaint; here it was shown',
      'X withholds the whole account in TR; here it was shown',
    ]);
  });
});

describe('what hangs under a post', () => {
  const values = {
    choice1_label: { type: 'STRING', string_value: 'Yes' },
    choice1_count: { type: 'STRING', string_value: '10' },
    choice2_label: { type: 'STRING', string_value: 'No' },
    choice2_count: { type: 'STRING', string_value: 'many' },
    counts_are_final: { type: 'BOOLEAN', boolean_value: false },
    last_updated_datetime_utc: { type: 'STRING', string_value: '2020-02-13T00:00:00Z' },
  };
  const poll = {
    choices: [
      { label: 'Yes', votes: 10 },
      { label: 'No', votes: null },
    ],
    endsAt: null,
    countedAt: '2020-02-13T00:00:00.000Z',
    isFinal: false,
  };

  test('a poll is read alike from both routes, and what is no number of votes is none', () => {
    const name = 'poll2choice_text_only';
    const listed = Object.entries(values).map(([key, value]) => ({ key, value }));
    const bySyndication = readSyndication(
      answer(
        { route: 's', url: '' },
        { body: syndicated({ card: { name, binding_values: values } }) },
      ),
      postId,
    );
    const byGraphql = readGraphql(
      answer(
        { route: 'g', url: '' },
        tweetResult(queried({}, { card: { legacy: { name, binding_values: listed } } })),
      ),
      postId,
    );
    for (const { claims } of [bySyndication, byGraphql]) expect(claims?.card?.poll).toEqual(poll);
  });

  test('a live stream is in the record by its words only, and the post says so', async () => {
    const card = {
      name: '745291183405076480:broadcast',
      url: 'https://t.co/live',
      binding_values: {
        broadcast_title: { string_value: 'Live from the road' },
        broadcast_url: { string_value: 'https://x.com/i/broadcasts/1yNGaQLWpejGj' },
      },
    };
    const post = await postOf({}, {}, { card });
    expect(post.card).toMatchObject({
      title: 'Live from the road',
      link: 'https://x.com/i/broadcasts/1yNGaQLWpejGj',
    });
    expect(post.degraded).toEqual(['card-in-words-only']);
    const preview = await postOf({}, {}, { card: { ...card, name: 'summary_large_image' } });
    expect(preview.degraded).toEqual([]);
  });

  test('media that the text names and the record doesn’t list make no complete record', async () => {
    const named = {
      entities: { media: [{ url: 'https://t.co/abc', display_url: 'pic.x.com/abc' }] },
    };
    const record = await recordOf({
      syndication: { body: syndicated({ ...named, mediaDetails: { renamed: [] } }) },
      graphql: tweetResult(queried()),
    });
    expect(record.verdict).toEqual({ state: 'failed', reason: 'media-unreadable' });
    expect(record.post?.degraded).toContain('media-unreadable');
  });
});

test('program, thread, place and the answered account are kept from whichever route tells them', async () => {
  const post = await postOf(
    {
      conversation_id_str: '1227656969236870000',
      coordinates: { type: 'Point', coordinates: [41.22, 37.05] },
      in_reply_to_status_id_str: '1227656969236870000',
      in_reply_to_user_id_str: '7',
    },
    {
      source:
        '<a href="http://twitter.com/download/android" rel="nofollow">Twitter for Android</a>',
    },
  );
  expect(post).toMatchObject({
    postedWith: 'Twitter for Android',
    conversationId: '1227656969236870000',
    coordinates: { latitude: 37.05, longitude: 41.22 },
    replyTo: { id: '1227656969236870000', handle: null, authorId: '7' },
    filledFrom: { postedWith: 'graphql', conversationId: 'graphql', replyTo: 'graphql' },
  });
});

test('coordinates that lie on no globe are none, and an empty count is no zero', () => {
  const read = readGraphql(
    answer(
      { route: 'g', url: '' },
      tweetResult(
        queried({ coordinates: { coordinates: [41, 137] }, favorite_count: '', reply_count: '12' }),
      ),
    ),
    postId,
  );
  expect(read.claims?.coordinates).toBeNull();
  expect(read.claims?.counters).toEqual({ replies: 12 });
});

describe('what one route lacks and another tells', () => {
  const absentOr = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
  const claims = fc
    .record({
      createdAt: absentOr(fc.string()),
      postedWith: absentOr(fc.string()),
      place: absentOr(fc.string()),
      editIds: fc.array(fc.string(), { maxLength: 2 }),
      labels: fc.array(fc.string(), { maxLength: 2 }),
      possiblySensitive: absentOr(fc.boolean()),
      handle: absentOr(fc.string()),
    })
    .map(
      ({ handle, ...told }): PostClaims => ({
        ...nothingMore,
        ...told,
        id: postId,
        rawText: 'x',
        author: { id: null, handle, name: null, avatarUrl: null },
      }),
    );
  const isTold = (value: unknown) => (Array.isArray(value) ? value.length > 0 : value !== null);
  const fields = [
    'createdAt',
    'postedWith',
    'place',
    'editIds',
    'labels',
    'possiblySensitive',
  ] as const;

  test('is taken, noted, and never takes the place of what the first one told', () => {
    fc.assert(
      fc.property(claims, claims, (own, other) => {
        const { claims: filled, filledFrom } = mergeRoutes(
          { claims: own, route: 'a', filledFrom: {} },
          { claims: other, route: 'b', filledFrom: {} },
        );
        for (const field of fields) {
          const isTaken = !isTold(own[field]) && isTold(other[field]);
          expect(filled[field]).toEqual(isTaken ? other[field] : own[field]);
          const name = field === 'createdAt' ? 'claimedAt' : field;
          expect(filledFrom[name]).toBe(isTaken ? 'b' : undefined);
        }
        expect(filled.author.handle).toBe(own.author.handle ?? other.author.handle);
      }),
    );
  });

  test('is told in words, field and route, in the rendering and in the report', async () => {
    const nobody = { id: null, handle: null, name: null, avatarUrl: null };
    const bare: PostClaims = { ...nothingMore, id: postId, rawText: 'x', author: nobody };
    const told = Object.fromEntries(Object.keys(bare).map((field) => [field, ['told']]));
    const { filledFrom } = mergeRoutes(
      { claims: bare, route: 'syndication', filledFrom: {} },
      // A record that tells every field that there is, in whatever shape.
      {
        claims: { ...bare, ...told, author: { ...nobody, handle: 'x' } },
        route: 'graphql',
        filledFrom: {},
      },
    );
    const post = { ...(await postOf({})), filledFrom };
    const note = { environment: 'live', captureId: 'x', renderedFrom: 'syndication' } as const;
    const rendered = /<dt>Record read from.*?<\/dd>/s.exec(renderPost(post, [], note))?.[0] ?? '';
    const reported =
      /<dt>Read from.*?<dt>Missing|<dt>Read from.*$/s.exec(postSection(post).text)?.[0] ?? '';
    for (const shown of [rendered, reported]) {
      expect(shown).toContain('from the web client, without an account (graphql)');
      expect(shown).toContain('the public embedding (syndication)');
      expect(shown).toContain('posted with,');
      expect(shown).not.toMatch(/[a-z][A-Z]/);
      expect(shown.match(/graphql/g)).toHaveLength(1);
    }
    expect(Object.keys(filledFrom).length).toBeGreaterThan(20);
  });
});
