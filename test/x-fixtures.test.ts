/** Every recorded answer of X that we hold is read, and says what it is known to say. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { mediaOf } from '../src/platforms/x/media.ts';
import { normalisePost } from '../src/platforms/x/post.ts';
import { readGraphql } from '../src/platforms/x/routes/graphql-answer.ts';
import type { RouteReading } from '../src/platforms/x/routes/reading.ts';
import { readSyndication } from '../src/platforms/x/routes/syndication.ts';
import { answer } from './support/x-answers.ts';

const folder = fileURLToPath(new URL('../../shared/fixtures/tweets/', import.meta.url));
const absent = existsSync(folder) ? false : 'the recorded answers are not on this machine';

const bytes = (name: string) => readFileSync(folder + name, 'utf8');
const syndication = (name: string, id: string) =>
  readSyndication(answer({ route: 'syndication', url: '' }, { body: bytes(name) }), id);
const graphql = (name: string, id: string) =>
  readGraphql(answer({ route: 'graphql', url: '' }, { body: bytes(name) }), id);

function postIn(reading: RouteReading) {
  if (reading.claims === null) throw new Error(`no post: ${reading.signal}`);
  return { post: normalisePost(reading.claims, reading.route), media: mediaOf(reading.claims) };
}

/** Every object inside some JSON that `wanted` accepts. */
function* objectsIn(
  value: unknown,
  wanted: (object: Record<string, unknown>) => boolean,
): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  const object = value as Record<string, unknown>;
  if (!Array.isArray(value) && wanted(object)) yield object;
  for (const inner of Object.values(object)) yield* objectsIn(inner, wanted);
}

describe.skipIf(absent)(`recorded answers of syndication${absent ? ` (${absent})` : ''}`, () => {
  const posts: [file: string, id: string, handle: string, media: string[], textEnds: string][] = [
    ['mbedfx_text', '20', 'jack', [], 'just setting up my twttr'],
    [
      'mbedfx_photo',
      '440322224407314432',
      'TheEllenShow',
      ['picture'],
      '#oscars http://t.co/C9U5NOtGap',
    ],
    [
      'mbedfx_multiphoto',
      '1376712834269159425',
      'BTS_twt',
      ['picture', 'picture'],
      '#StopAsianHate\n#StopAAPIHate',
    ],
    [
      'mbedfx_video',
      '1491475671058681863',
      'NASA',
      ['video'],
      'inhospitable: https://t.co/gXhiKGWfgm\n\n#VisionsOfVenus',
    ],
    [
      'mbedfx_gif',
      '1479837621337657345',
      'Astropartigirl',
      ['gif'],
      'UNIVERSE! #UnfoldTheUniverse #JWST',
    ],
    ['mbedfx_quote', '1823076043017630114', 'elonmusk', ['picture'], 'so rude & irresponsible!'],
    [
      'mbedfx_reply',
      '1816211874012098692',
      'elonmusk',
      [],
      'It hurts our feelings when you deadname 😢',
    ],
    [
      'metascraper_article',
      '2064997219648913457',
      'eliana_jordan',
      ['picture'],
      'https://t.co/iX1DJVOMkS',
    ],
    [
      'metascraper_tweet-photo',
      '266031293945503744',
      'BarackObama',
      ['picture'],
      'Four more years. http://t.co/bAJE6Vom',
    ],
    ['metascraper_tweet-text', '20', 'jack', [], 'just setting up my twttr'],
  ];

  test('are all named here', () => {
    const files = readdirSync(`${folder}syndication`).filter(
      (name) => !name.includes('schema-shapes'),
    );
    const named = [...posts.map(([file]) => file), 'mbedfx_tombstone'].map(
      (file) => `${file}.json`,
    );
    expect(files.toSorted()).toEqual(named.toSorted());
  });

  test.each(posts)('%s is a post', (file, id, handle, kinds, textEnds) => {
    const { post } = postIn(syndication(`syndication/${file}.json`, id));
    expect(post).toMatchObject({ id, author: { handle } });
    expect(post.attached?.map(({ kind }) => kind)).toEqual(kinds);
    expect(post.text.endsWith(textEnds), JSON.stringify(post.text)).toBe(true);
    expect(post.claimedAt).not.toBeNull();
  });

  test('the empty tombstone is the age gate', () => {
    expect(syndication('syndication/mbedfx_tombstone.json', '1').signal).toBe('login-required');
  });

  test('the video’s best file is the largest, and its playlist is kept beside it', () => {
    const { media } = postIn(syndication('syndication/mbedfx_video.json', '1491475671058681863'));
    const video = media.find(({ kind }) => kind === 'video');
    expect(video?.candidates.map(({ width }) => width)).toEqual([1280, 640, 480]);
    expect(video?.alsoKeep).toHaveLength(1);
    expect(video?.claimed.durationMs).toBe(204_871);
    expect(media.map(({ id }) => id)).toEqual(['1', 'poster-1', 'avatar']);
  });

  test('the quoted post is kept with its own media', () => {
    const { post, media } = postIn(
      syndication('syndication/mbedfx_quote.json', '1823076043017630114'),
    );
    expect(post.quoted).toMatchObject({
      id: '1823033048109367549',
      author: { handle: 'ThierryBreton' },
    });
    expect(post.quoted?.text.endsWith('to @elonmusk \n\n📧⤵️')).toBe(true);
    expect(media.map(({ id, belongsTo }) => [id, belongsTo])).toEqual([
      ['1', 'post'],
      ['quoted-1', 'quoted'],
      ['avatar', 'avatar'],
      ['quoted-avatar', 'quoted-avatar'],
    ]);
  });

  test('a reply names its parent, which the record doesn’t hold', () => {
    const { post } = postIn(syndication('syndication/mbedfx_reply.json', '1816211874012098692'));
    expect(post.replyTo).toEqual({
      id: '1816126775833112623',
      handle: 'StephenKing',
      authorId: '2233154425',
    });
    // The name that the reply begins with is not shown, and not lost.
    expect(post.mentions?.map(({ id }) => id)).toEqual(['2233154425']);
    expect(post.degraded).toContain('no-parent');
  });

  test('an article is known by its title and beginning only', () => {
    const { post } = postIn(
      syndication('syndication/metascraper_article.json', '2064997219648913457'),
    );
    expect(post.article?.title).toMatch(/^My Instagram was dead/);
    expect(post.degraded).toContain('article-preview-only');
  });
});

describe.skipIf(absent)(`recorded answers of GraphQL${absent ? ` (${absent})` : ''}`, () => {
  const byId = 'graphql/fxembed_TweetResultByRestId_';
  const posts: [file: string, id: string, handle: string, media: string[]][] = [
    [`${byId}1841206275088290279`, '1841206275088290279', 'DivineDropbear', ['video']],
    [
      `${byId}1848831595014459513`,
      '1848831595014459513',
      'SpaceX',
      ['picture', 'picture', 'picture'],
    ],
    [`${byId}1899954694652309701`, '1899954694652309701', '', []],
    [`${byId}1964084223871971826`, '1964084223871971826', '', ['picture']],
    [`${byId}20`, '20', 'jack', []],
    ['graphql/mbedfx_guest-tweet', '20', 'jack', []],
    ['graphql/mbedfx_guest-quote', '1823076043017630114', 'elonmusk', ['picture']],
    ['graphql/mbedfx_guest-reply', '1816211874012098692', 'elonmusk', []],
  ];

  test.each(posts)('%s is a post', (file, id, handle, kinds) => {
    const { post } = postIn(graphql(`${file}.json`, id));
    expect(post.id).toBe(id);
    expect(post.author.id).toMatch(/^\d+$/);
    expect(post.author.name).not.toBeNull();
    if (handle !== '') expect(post.author.handle).toBe(handle);
    expect(post.attached?.map(({ kind }) => kind)).toEqual(kinds);
    expect(post.claimedAt?.slice(0, 16)).toBe(post.idTime?.slice(0, 16) ?? '2006-03-21T20:50');
  });

  test('a suspended account, an age gate', () => {
    expect(graphql(`${byId}991500.json`, '991500').signal).toBe('account-suspended');
    const gated = graphql('graphql/mbedfx_guest-blurred-tombstone.json', '1');
    expect(gated.signal).toBe('login-required');
    expect(gated.statement).toContain('Age-restricted adult content');
    expect(gated.warning?.message).toContain('@3DrakaiNa (account 1486071156910305281)');
  });

  test('a poll is kept with its votes, the time of their count and whether it was the last', () => {
    const { post } = postIn(graphql(`${byId}1899954694652309701.json`, '1899954694652309701'));
    expect(post.card?.poll).toEqual({
      choices: [
        { label: 'MISC Freelancer', votes: 2 },
        { label: 'Anvil Carrack', votes: 6 },
        { label: 'Drake Cutlass (Any?)', votes: 5 },
        { label: 'Origin 600i', votes: 9 },
      ],
      endsAt: '2025-03-16T22:44:33.000Z',
      countedAt: '2025-03-16T22:44:34.000Z',
      isFinal: true,
    });
    expect(post.degraded).toEqual([]);
    expect(post.postedWith).toBe('Twitter Web App');
    expect(post.account).toEqual({
      createdAt: '2010-04-17T11:45:16.000Z',
      location: 'South Wales, UK',
      badge: 'none',
      withheldIn: [],
    });
  });

  test('media tell when they were uploaded and who is marked in them', () => {
    const { post } = postIn(graphql('graphql/mbedfx_guest-quote.json', '1823076043017630114'));
    expect(post.quoted?.attached?.[0]).toMatchObject({
      uploadedAt: '2024-08-12T16:25:22.594Z',
      tagged: [{ id: '205315827', handle: 'DigitalEU', name: 'Digital EU 🇪🇺' }],
    });
    // The video was uploaded two hours before its post, its poster later.
    const video = postIn(syndication('syndication/mbedfx_video.json', '1491475671058681863'));
    expect(video.post.attached?.[0]).toMatchObject({
      uploadedAt: '2022-02-09T16:00:20.384Z',
      title: 'NASA’s New Views of Venus’ Surface From Space',
    });
  });

  test('the notices inside conversations are known by their text', () => {
    for (const name of ['991204', '991503']) {
      const conversation: unknown = JSON.parse(bytes(`graphql/fxembed_TweetDetail_${name}.json`));
      const notices = [
        ...objectsIn(conversation, ({ __typename }) => __typename === 'TweetTombstone'),
      ];
      expect(notices.length).toBeGreaterThan(0);
      for (const result of notices) {
        const read = readGraphql(
          answer({ route: 'graphql', url: '' }, { body: { data: { tweetResult: { result } } } }),
          '1',
        );
        expect(read.signal).toBe('account-suspended');
      }
    }
  });

  test.each(['1', '2'])('every post of the older recorded conversation %s is read', (number) => {
    const conversation: unknown = JSON.parse(
      bytes(`graphql/twscrape_manual_tweet_with_video_${number}.json`),
    );
    const results = [
      ...objectsIn(conversation, (object) => object.__typename === 'Tweet' && 'legacy' in object),
    ];
    expect(results.length).toBeGreaterThan(5);
    for (const result of results) {
      const served = { body: { data: { tweetResult: { result } } } };
      const { post } = postIn(
        readGraphql(answer({ route: 'graphql', url: '' }, served), String(result.rest_id)),
      );
      expect(post.author.handle).not.toBeNull();
      expect(post.text).not.toContain('\ufffd');
    }
  });

  test('both routes read the same post alike', () => {
    for (const [one, other, id] of [
      ['syndication/mbedfx_quote.json', 'graphql/mbedfx_guest-quote.json', '1823076043017630114'],
      ['syndication/mbedfx_reply.json', 'graphql/mbedfx_guest-reply.json', '1816211874012098692'],
      ['syndication/mbedfx_text.json', 'graphql/mbedfx_guest-tweet.json', '20'],
    ] as const) {
      const a = postIn(syndication(one, id)).post;
      const b = postIn(graphql(other, id)).post;
      const { text, author, claimedAt, editIds, quoted } = a;
      expect(b).toMatchObject({ text, author, claimedAt, editIds });
      expect(b.quoted?.text).toBe(quoted?.text);
    }
  });
});

describe.skipIf(absent)(`answers that were built by hand${absent ? ` (${absent})` : ''}`, () => {
  test.each([
    ['syndication_tombstone_deleted', 'deleted-by-author'],
    ['syndication_tombstone_account-gone', 'account-gone'],
    ['syndication_tombstone_suspended-text-seen-only-on-graphql', 'account-suspended'],
    ['syndication_empty-object', 'extractor-broken'],
  ])('%s', (file, signal) => {
    expect(syndication(`constructed/${file}.json`, '1').signal).toBe(signal);
  });

  test.each([
    ['graphql_not-found_empty', 'not-found'],
    ['graphql_bare-tombstone', 'login-required'],
    ['graphql_unavailable_Protected', 'protected'],
    ['graphql_unavailable_NsfwLoggedOut', 'login-required'],
    ['graphql_unavailable_Suspended', 'account-suspended'],
    ['graphql_unavailable_Deleted', 'deleted-by-author'],
  ])('%s', (file, signal) => {
    expect(graphql(`constructed/${file}.json`, '1').signal).toBe(signal);
  });
});

describe.skipIf(absent)(`how recorded texts are counted${absent ? ` (${absent})` : ''}`, () => {
  const files = absent
    ? []
    : ['syndication', 'graphql'].flatMap((kind) =>
        readdirSync(folder + kind)
          .filter((name) => !name.includes('schema-shapes'))
          .map((name) => `${kind}/${name}`),
      );

  test('indices count code points of the escaped text', () => {
    let seen = 0;
    for (const file of files) {
      for (const post of objectsIn(
        JSON.parse(bytes(file)),
        (object) => 'display_text_range' in object,
      )) {
        const points = [...String(post.full_text ?? post.text)];
        for (const { indices, url } of objectsIn(
          post.entities,
          (object) => 'indices' in object && 'url' in object,
        )) {
          const [from, to] = indices as [number, number];
          expect(points.slice(from, to).join(''), file).toBe(url);
          seen += 1;
        }
      }
    }
    expect(seen).toBeGreaterThan(15);
  });

  test('what a text hides at its end is only its media’s link', () => {
    for (const file of files) {
      for (const post of objectsIn(
        JSON.parse(bytes(file)),
        (object) => 'display_text_range' in object && typeof object.text === 'string',
      )) {
        const [, to] = post.display_text_range as [number, number];
        // Unlike the indices, this range counts UTF-16 units in syndication's answers.
        expect(String(post.text).slice(to), file).toMatch(/^( https:\/\/t\.co\/\w{10})?$/);
      }
    }
  });
});

describe.skipIf(absent)(
  `shapes that were seen in August 2026${absent ? ` (${absent})` : ''}`,
  () => {
    /** A record that has every field of a recorded shape, with made-up values of its types. */
    function recordOfShape(kind: string): unknown {
      const { shapes } = JSON.parse(bytes('syndication/hologram_x_schema-shapes.json'));
      const paths = Object.entries<string>(shapes[kind]['api:x/tweet-result']);
      const root: Record<string, unknown> = {};
      for (const [path, type] of paths) {
        if (path === '' || type === 'object' || type === 'array' || type === 'unknown') continue;
        put(root, path.split('.'), sample(path, type));
      }
      return root;
    }

    /** `mediaDetails[].type`: one element stands for all. */
    function put(into: Record<string, unknown>, [name = '', ...rest]: string[], value: unknown) {
      const plain = name.replace(/\[\]$/, '');
      const isList = name !== plain;
      if (rest.length === 0) {
        into[plain] = isList ? [value, value] : value;
        return;
      }
      const list = (into[plain] ?? (isList ? [{}] : {})) as Record<string, unknown>[];
      into[plain] = list;
      put(isList ? (list[0] ?? {}) : (list as unknown as Record<string, unknown>), rest, value);
    }

    function sample(path: string, type: string): unknown {
      if (type === 'number') return 1;
      if (type === 'boolean') return true;
      const name = path.split('.').at(-1) ?? '';
      if (/id_str$|^edit_tweet_ids/.test(name)) return '1227656969236877313';
      if (name === '__typename') return 'Tweet';
      if (name === 'created_at' || path.includes('datetime_utc')) return '2020-02-12T18:13:24.000Z';
      if (/url|src|media_url/.test(name)) return 'https://pbs.twimg.com/media/BhxWutnCEAAtEQ6.jpg';
      if (path.includes('_count.string_value')) return '7';
      if (name === 'content_type') return 'video/mp4';
      return 'photo';
    }

    const told: [kind: string, field: string][] = [
      ['card', 'card'],
      ['poll', 'card.poll.choices.1.votes'],
      ['poll', 'card.poll.countedAt'],
      ['reply', 'replyTo.authorId'],
      ['reply', 'repliedTo.text'],
      ['card', 'mentions.0.id'],
      ['card', 'links.0.expanded'],
      ['quote', 'quoted.text'],
      ['video', 'attached.0'],
      ['image', 'attached.0.uploadedAt'],
      ['text', 'account.badge'],
      ['text', 'editIds.0'],
    ];
    test.each(told)('of a %s fill %s', (kind, field) => {
      const body = JSON.stringify(recordOfShape(kind));
      const reading = readSyndication(
        answer({ route: 'syndication', url: '' }, { body }),
        '1227656969236877313',
      );
      const { post } = postIn(reading);
      const value = field
        .split('.')
        .reduce<unknown>((part, name) => (part as Record<string, unknown> | null)?.[name], post);
      expect(value ?? null, JSON.stringify(post)).not.toBeNull();
    });
  },
);
