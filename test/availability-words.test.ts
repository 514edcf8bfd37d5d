/**
 * Which word each answer of a route gets: every row of the tables, every recorded answer,
 * words that nobody knows, and living pages that only talk about things that are gone.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Signal } from '../src/model/signals.ts';
import { platformOf } from '../src/platforms/platforms.ts';
import { readPage } from '../src/platforms/web/observe.ts';
import { observeX } from '../src/platforms/x/observe.ts';
import { openGraphql } from '../src/platforms/x/routes/graphql.ts';
import type { Visit } from '../src/watch/availability.ts';
import { assess } from './support/assess.ts';
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

const never = new AbortController().signal;

/** What each route says in the end about the post, all of them asked. */
async function heard(routes: Outside, id = postId) {
  const { ask } = outside(routes);
  const request = { source: `x:status:${id}`, link: '', facts: {}, thorough: true };
  const graphql = openGraphql({ bearer: null, queryIds: [] });
  const readings = await observeX(request, ask, never, graphql);
  const last = new Map(readings.map((reading) => [reading.route, reading]));
  const warnings = readings.flatMap(({ warning }) => warning?.code ?? []);
  return { last, warnings, signal: (route: string) => last.get(route)?.signal };
}

const live: Outside = { syndication: { body: syndicated() } };

describe('words of notices', () => {
  const words: [text: string, signal: Signal][] = [
    ['This Post was deleted by the Post author. Learn more', 'deleted-by-author'],
    ['This Tweet was deleted by the Tweet author. Learn more', 'deleted-by-author'],
    ['This Post is from an account that no longer exists. Learn more', 'account-gone'],
    ['This Post is from a suspended account. Learn more', 'account-suspended'],
    ['This account has been suspended.', 'account-suspended'],
    [
      'You’re unable to view this Post because this account owner limits who can view their Posts. Learn more',
      'protected',
    ],
    ['This Post violated the X Rules. Learn more', 'removed-by-platform'],
    ['This Tweet violated the Twitter Rules. Learn more', 'removed-by-platform'],
    ['This Post is unavailable. Learn more', 'unknown'],
    ['Hmm...this page doesn’t exist', 'unknown'],
    [
      'Age-restricted adult content. This content might not be appropriate for people under 18 years old. To view this media, you’ll need to log in to X. Learn more',
      'login-required',
    ],
    ['There’s a new version of this Post. Learn more', 'superseded'],
  ];
  test.each(words)('%s: %s', async (text, signal) => {
    const { last, warnings } = await heard({ syndication: { body: noticeBody(text) } });
    expect(last.get('syndication')?.signal).toBe(signal);
    expect(warnings).toEqual([]);
  });

  test.each([
    'This Post was eaten by a dog. Learn more',
    'Dieser Post wurde vom Autor gelöscht.',
    'تم حذف هذا المنشور من قبل صاحبه.',
    'deleted',
  ])('%s: unknown, and somebody is told', async (text) => {
    const { last, warnings } = await heard({ syndication: { body: noticeBody(text) } });
    expect(last.get('syndication')?.signal).toBe('unknown');
    expect(warnings).toEqual(['unknown-wording']);
  });
});

describe('answers of syndication', () => {
  const rows: [what: string, served: Outside['syndication'], signal: Signal][] = [
    ['a post', live.syndication, 'available'],
    ['an empty object', { body: {} }, 'extractor-broken'],
    [
      'an empty notice',
      { body: { __typename: 'TweetTombstone', tombstone: {} } },
      'login-required',
    ],
    ['404 with a page', { status: 404, body: '<html>' }, 'not-found'],
    ['403', { status: 403 }, 'blocked'],
    ['429', { status: 429 }, 'rate-limited'],
    ['503', { status: 503 }, 'unreachable'],
    ['a time-out', { failure: 'timed-out' }, 'unreachable'],
    ['200 with a page', { body: '<html>please solve this puzzle</html>' }, 'extractor-broken'],
    ['another post', { body: syndicated({ id_str: '99' }) }, 'extractor-broken'],
    [
      'a post whose media are withheld',
      {
        body: syndicated({
          mediaDetails: [
            {
              type: 'photo',
              media_url_https: 'https://pbs.twimg.com/media/a.jpg',
              ext_media_availability: { status: 'Unavailable', reason: 'Dmcaed' },
            },
          ],
        }),
      },
      'media-removed',
    ],
    [
      'a notice of withholding in place of the text',
      {
        body: syndicated({
          text: 'This Tweet from @MadeUp is withheld in: Japan.',
          withheld_in_countries: ['JP'],
        }),
      },
      'geo-withheld',
    ],
    [
      'the words of such a notice, and nothing that says whose they are',
      { body: syndicated({ text: 'This Tweet from @MadeUp is withheld in: Japan.' }) },
      'unknown',
    ],
  ];
  test.each(rows)('%s', async (_what, served, signal) => {
    expect((await heard({ syndication: served })).signal('syndication')).toBe(signal);
  });
});

describe('answers of guest GraphQL', () => {
  const unavailable = (reason: string) => tweetResult({ __typename: 'TweetUnavailable', reason });
  const rows: [what: string, served: Outside['graphql'], signal: Signal][] = [
    ['a post', tweetResult(queried()), 'available'],
    [
      'a post with a label',
      tweetResult({ __typename: 'TweetWithVisibilityResults', tweet: queried() }),
      'available-limited',
    ],
    ['an empty result', { body: { data: { tweetResult: {} } } }, 'not-found'],
    [
      'a preview for subscribers',
      tweetResult({ __typename: 'TweetPreviewDisplay' }),
      'subscribers-only',
    ],
    ['Protected', unavailable('Protected'), 'protected'],
    ['Suspended', unavailable('Suspended'), 'account-suspended'],
    ['Deleted', unavailable('Deleted'), 'deleted-by-author'],
    ['NsfwLoggedOut', unavailable('NsfwLoggedOut'), 'login-required'],
    ['Bounced', unavailable('Bounced'), 'removed-by-platform'],
    ['ExclusiveTweet', unavailable('ExclusiveTweet'), 'subscribers-only'],
    ['a bare tombstone', tweetResult({ __typename: 'TweetTombstone' }), 'login-required'],
    ['a stale query, 404 with nothing', { status: 404 }, 'extractor-broken'],
    [
      '144',
      { body: { errors: [{ code: 144, message: 'No status found' }], data: {} } },
      'not-found',
    ],
    ['88', { body: { errors: [{ code: 88, message: 'Rate limit' }] } }, 'rate-limited'],
    ['131', { body: { errors: [{ code: 131, message: 'Internal error' }] } }, 'unreachable'],
    ['denied', { body: { errors: [{ message: 'Denied by access control' }] } }, 'blocked'],
    ['429', { status: 429 }, 'rate-limited'],
  ];
  test.each(rows)('%s', async (_what, served, signal) => {
    expect((await heard({ graphql: served })).signal('graphql')).toBe(signal);
  });

  test('a reason that nobody knows is unknown, and somebody is told', async () => {
    const { signal, warnings } = await heard({ graphql: unavailable('EatenByDog') });
    expect(signal('graphql')).toBe('unknown');
    expect(warnings).toEqual(['unknown-wording']);
  });
});

const folder = fileURLToPath(new URL('../../shared/fixtures/tweets/', import.meta.url));
const absent = existsSync(folder) ? false : 'the recorded answers are not on this machine';

describe.skipIf(absent)(`recorded answers${absent ? ` (${absent})` : ''}`, () => {
  /** Every file that is an answer about one post; the others are named, so that none is forgotten. */
  const expected: Record<string, Signal> = {
    'constructed/graphql_bare-tombstone.json': 'login-required',
    'constructed/graphql_not-found_empty.json': 'not-found',
    'constructed/graphql_unavailable_Deleted.json': 'deleted-by-author',
    'constructed/graphql_unavailable_NsfwLoggedOut.json': 'login-required',
    'constructed/graphql_unavailable_Protected.json': 'protected',
    'constructed/graphql_unavailable_Suspended.json': 'account-suspended',
    'constructed/syndication_empty-object.json': 'extractor-broken',
    'constructed/syndication_tombstone_account-gone.json': 'account-gone',
    'constructed/syndication_tombstone_deleted.json': 'deleted-by-author',
    'constructed/syndication_tombstone_suspended-text-seen-only-on-graphql.json':
      'account-suspended',
    'graphql/fxembed_TweetResultByRestId_991500.json': 'account-suspended',
    'graphql/mbedfx_guest-blurred-tombstone.json': 'login-required',
    'syndication/mbedfx_tombstone.json': 'login-required',
  };
  /** Of another query, of a log-in's API, or a list of shapes. */
  const others = /TweetDetail|twscrape_manual|schema-shapes|video-cdn_403/;

  const files = absent
    ? []
    : ['constructed', 'graphql', 'syndication'].flatMap((name) =>
        readdirSync(folder + name).map((file) => `${name}/${file}`),
      );

  test.each(files.filter((file) => !others.test(file)))('%s', async (file) => {
    const body = readFileSync(folder + file, 'utf8');
    const route = file.includes('syndication') ? 'syndication' : 'graphql';
    const id = /"(?:id_str|rest_id)":\s*"(\d+)"/.exec(body)?.[1];
    const own = JSON.parse(body) as {
      id_str?: string;
      data?: { tweetResult?: { result?: { rest_id?: string; tweet?: { rest_id?: string } } } };
    };
    const result = own.data?.tweetResult?.result;
    const asked = own.id_str ?? result?.rest_id ?? result?.tweet?.rest_id ?? id ?? postId;
    const { signal } = await heard({ [route]: { body } }, asked);
    const wanted = expected[file];
    if (wanted !== undefined) expect(signal(route)).toBe(wanted);
    else expect(['available', 'available-limited']).toContain(signal(route));
  });
});

describe('answers of pages', () => {
  const url = 'https://news.example.org/2026/11/story';
  const read = (served: Parameters<typeof answer>[1], at = url) =>
    readPage(answer({ route: 'page', url: at }, served), url);

  test.each([
    [200, 'available'],
    [203, 'available'],
    [401, 'login-required'],
    [402, 'subscribers-only'],
    [403, 'blocked'],
    [404, 'not-found'],
    [410, 'page-gone'],
    [418, 'unknown'],
    [429, 'rate-limited'],
    [451, 'legal-withheld'],
    [500, 'unreachable'],
    [503, 'unreachable'],
  ] as const)('HTTP %i is %s', (status, signal) => {
    expect(read({ status, body: 'words' }).signal).toBe(signal);
  });

  test('a name that does not exist is another thing than a name that could not be asked for', () => {
    expect(read({ failure: 'no-such-name' }).signal).toBe('domain-gone');
    for (const failure of ['dns', 'refused', 'reset', 'tls', 'timed-out', 'too-large']) {
      expect(read({ failure }).signal).toBe('unreachable');
    }
  });

  test('a way to a log-in is a wall; a way to the front page a soft sign, and no more', () => {
    expect(read({ body: 'x' }, 'https://news.example.org/login?next=story').signal).toBe(
      'login-required',
    );
    const home = read({ body: 'x' }, 'https://news.example.org/');
    expect(home).toMatchObject({ signal: 'not-found', soft: true });
  });

  test('every hop of a redirect is an observation', async () => {
    const readings = await platformOf(`web:${url}`).observe(
      { source: `web:${url}`, link: url, facts: {}, thorough: false },
      async (question) =>
        question.url === url
          ? answer(question, { status: 301, headers: [['location', '/moved']] })
          : answer(question, { body: 'there' }),
      never,
    );
    expect(readings.map(({ signal }) => signal)).toEqual(['unknown', 'available']);
  });

  test('the words are compared, not the markup and the scripts around them', () => {
    const html = (body: string) =>
      read({ headers: [['content-type', 'text/html']], body }).contentSha256;
    const one = html('<p class="a1">Same words</p><script>var n = 1</script>');
    expect(html('<div><p>Same   words</p></div><script>var n = 2</script>')).toBe(one);
    expect(html('<p>Other words</p>')).not.toBe(one);
  });
});

describe('living things that talk about gone ones are never removed', () => {
  const corpus = [
    'Mayor has been removed from office after the vote',
    'This post was deleted by the author, a court heard: page not found',
    'Video unavailable: how platforms take down evidence. 404 Not Found. Access denied.',
    'This account has been suspended, says the headline',
    'Der Beitrag wurde gelöscht: Seite nicht gefunden, Konto gesperrt',
    'Cette vidéo a été supprimée, page introuvable, compte suspendu',
    'El tuit fue eliminado por su autor; página no encontrada; cuenta suspendida',
    'تم حذف هذا المنشور. الصفحة غير موجودة. تم تعليق الحساب',
    'Страница не найдена. Публикация удалена автором. Аккаунт заблокирован',
  ];
  const over = (said: Visit['said']) =>
    assess(
      [0, 1, 20, 40, 90, 300].map((hours) => ({
        at: new Date(hours * 3_600_000),
        said,
        held: false,
      })),
    );

  test.each(corpus)('a post: %s', async (text) => {
    const { last } = await heard({
      syndication: { body: syndicated({ text, display_text_range: [0, text.length] }) },
      graphql: tweetResult(queried({ full_text: text })),
    });
    const said = [...last.values()].map(({ route, signal }) => ({
      route,
      signal,
      canary: 'passed' as const,
    }));
    expect(over(said).availability).toBe('available');
  });

  test.each(corpus)('a page: %s', (text) => {
    const url = `https://news.example.org/${encodeURIComponent(text)}`;
    const body = `<!doctype html><title>${text}</title><!-- ${text} -->
      <script>const state = ${JSON.stringify({ error: text, status: 404 })}</script>
      <h1>${text}</h1><p>${text}</p><div class="error-404 not-found">${text}</div>`;
    const said = (['page', 'page-as-browser'] as const).map((route) => ({
      route,
      signal: readPage(
        answer({ route, url }, { body, headers: [['content-type', 'text/html']] }),
        url,
      ).signal,
      canary: 'passed' as const,
    }));
    expect(over(said).availability).toBe('available');
  });
});
