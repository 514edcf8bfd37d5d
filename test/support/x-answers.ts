/** Answers of X's routes in the shapes that were recorded, for tests that play the outside. */
import type { Answer, Ask, Question } from '../../src/platforms/platform.ts';

export interface Served {
  status?: number;
  body?: unknown;
  headers?: [string, string][];
  failure?: string;
}

export function answer(question: Pick<Question, 'route' | 'url'>, served: Served): Answer {
  const { body = '', status = 200, failure = null } = served;
  const bytes = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    route: question.route,
    url: question.url,
    status: failure === null ? status : null,
    headers: served.headers ?? [],
    body: Buffer.from(bytes),
    bodySha256: null,
    failure,
    observedAt: new Date('2026-11-24T12:00:00Z'),
  };
}

export type Serve = (question: Question) => Served;

export interface Outside {
  syndication?: Served | Serve;
  graphql?: Served | Serve;
  activate?: Served | Serve;
  oembed?: Served | Serve;
  't.co'?: Served | Serve;
}

/** Plays the outside; a route that a test doesn't name answers as if the post had never been. */
export function outside(routes: Outside): { ask: Ask; asked: Question[] } {
  const asked: Question[] = [];
  const ask: Ask = async (question) => {
    asked.push(question);
    const isActivation = question.url.endsWith('/activate.json');
    const route = isActivation
      ? (routes.activate ?? { body: { guest_token: '1900000000000000000' } })
      : (routes[question.route as 'syndication'] ?? silence[question.route] ?? { status: 404 });
    return answer(question, typeof route === 'function' ? route(question) : route);
  };
  return { ask, asked };
}

const silence: Record<string, Served> = {
  syndication: { status: 404, body: '<html>nothing here</html>' },
  graphql: { body: { data: { tweetResult: {} } } },
  oembed: { status: 404, body: '<html>nothing here</html>' },
};

export const postId = '1227656969236877313';

const madeUpAuthor = {
  id_str: '42',
  name: 'Made Up',
  screen_name: 'MadeUp',
  profile_image_url_https: 'https://pbs.twimg.com/profile_images/1/face_normal.jpg',
};

/** A post as syndication gives it. */
export function syndicated(more: Record<string, unknown> = {}) {
  return {
    __typename: 'Tweet',
    id_str: postId,
    text: 'A made-up post',
    display_text_range: [0, 14],
    created_at: '2020-02-12T18:13:24.000Z',
    lang: 'en',
    entities: {},
    user: madeUpAuthor,
    edit_control: { edit_tweet_ids: [postId] },
    isEdited: false,
    isStaleEdit: false,
    ...more,
  };
}

/** The same post as guest GraphQL gives it. */
export function queried(legacy: Record<string, unknown> = {}, more: Record<string, unknown> = {}) {
  return {
    __typename: 'Tweet',
    rest_id: postId,
    core: {
      user_results: {
        result: {
          __typename: 'User',
          rest_id: '42',
          core: { name: 'Made Up', screen_name: 'MadeUp' },
          avatar: { image_url: madeUpAuthor.profile_image_url_https },
          legacy: {},
        },
      },
    },
    edit_control: { edit_tweet_ids: [postId] },
    legacy: {
      id_str: postId,
      full_text: 'A made-up post',
      display_text_range: [0, 14],
      created_at: 'Wed Feb 12 18:13:24 +0000 2020',
      lang: 'en',
      entities: {},
      user_id_str: '42',
      ...legacy,
    },
    ...more,
  };
}

export function tweetResult(result: unknown): Served {
  return { body: { data: { tweetResult: { result } } } };
}

export function noticeBody(text: string) {
  return { __typename: 'TweetTombstone', tombstone: { text: { text, entities: [], rtl: false } } };
}
