/** Guest GraphQL of api.x.com: the second, independent route to a post. */
import { type Answer, json, type SiteRequest } from '../answer.ts';
import {
  type Account,
  avatarUrl,
  type Json,
  mediaFiles,
  mediaObject,
  type Post,
  postedAt,
  shortCode,
} from '../post.ts';
import { type PostText, postText } from '../post-text.ts';
import type { World } from '../world.ts';
import { editControl } from './syndication.ts';

const operation = /^\/(?:i\/api\/)?graphql\/([\w-]+)\/TweetResultByRestId$/;
const guestToken = '1900000000000000000';

/** `null`: the path is not of this API. */
export function graphql(request: SiteRequest, world: World): Answer | null {
  if (request.url.pathname === '/1.1/guest/activate.json') return activate(request);
  const queryId = operation.exec(request.url.pathname)?.[1];
  if (queryId === undefined) return null;
  if (!world.graphqlQueryIds.includes(queryId)) return { status: 404 };
  const refusal = refused(request);
  if (refusal) return refusal;
  const id = tweetId(request.url.searchParams.get('variables'));
  if (id === null) return problem(400, 47, 'variables must be JSON with a tweetId');
  const recorded = world.recorded(id, 'graphql');
  if (recorded) return { ...recorded, gzip: true };
  return json({ data: { tweetResult: result(world.posts.get(id), world) } });
}

function activate(request: SiteRequest): Answer {
  if (request.method !== 'POST') return { status: 404 };
  if (!hasBearer(request)) return problem(403, 200, 'Forbidden.');
  return json({ guest_token: guestToken });
}

function refused(request: SiteRequest): Answer | null {
  if (!hasBearer(request)) return problem(401, 32, 'Could not authenticate you');
  if (request.headers['x-guest-token'] !== guestToken) return problem(403, 239, 'Bad guest token');
  if (request.url.searchParams.has('features')) return null;
  const missing = 'rweb_video_screen_enabled, view_counts_everywhere_api_enabled';
  return problem(400, 336, `The following features cannot be null: ${missing}`);
}

function hasBearer(request: SiteRequest): boolean {
  return /^Bearer \S+$/.test(request.headers.authorization ?? '');
}

function problem(status: number, code: number, message: string): Answer {
  return json({ errors: [{ code, message }] }, status);
}

function tweetId(variables: string | null): string | null {
  try {
    const parsed: unknown = JSON.parse(variables ?? '');
    if (typeof parsed !== 'object' || parsed === null || !('tweetId' in parsed)) return null;
    return String(parsed.tweetId);
  } catch {
    return null;
  }
}

function result(post: Post | undefined, world: World): Json {
  switch (post?.state) {
    case 'live':
      return { result: { __typename: 'Tweet', ...tweet(post, world) } };
    case 'suspended':
      return { result: { __typename: 'TweetUnavailable', reason: 'Suspended' } };
    case 'protected':
      return { result: { __typename: 'TweetUnavailable', reason: 'Protected' } };
    case 'age-gated':
      return { result: { __typename: 'TweetUnavailable', reason: 'NsfwLoggedOut' } };
    // Deleted, unknown and of a closed account look the same on this route.
    default:
      return {};
  }
}

function tweet(post: Post, world: World): Json {
  const text = postText(post);
  const quoted = post.quoted === undefined ? undefined : world.posts.get(post.quoted);
  return {
    core: { user_results: { result: user(post.author) } },
    edit_control: editControl(post),
    is_translatable: false,
    legacy: legacy(post, text),
    ...(post.noteText === undefined ? {} : { note_tweet: noteTweet(post, post.noteText) }),
    ...(quoted?.state === 'live'
      ? { quoted_status_result: { result: { __typename: 'Tweet', ...tweet(quoted, world) } } }
      : {}),
    rest_id: post.id,
    source: '<a href="https://mobile.twitter.com" rel="nofollow">Twitter Web App</a>',
    unmention_data: {},
    views: { state: 'Enabled' },
  };
}

function legacy(post: Post, { text, readableEnd, mediaIndices, entities }: PostText): Json {
  const media = mediaFiles(post).map((file) => ({
    ...mediaObject(file, mediaIndices ?? [0, 0]),
    id_str: file.video?.mediaId ?? post.id,
    media_key: `${file.video ? 7 : 3}_${file.video?.mediaId ?? post.id}`,
  }));
  return {
    bookmark_count: 0,
    conversation_id_str: post.replyTo?.id ?? post.id,
    created_at: legacyTime(postedAt(post.id)),
    display_text_range: [0, readableEnd],
    entities: { symbols: [], timestamps: [], ...entities, media },
    ...(media.length ? { extended_entities: { media } } : {}),
    favorite_count: 0,
    full_text: text,
    id_str: post.id,
    ...(post.replyTo
      ? {
          in_reply_to_screen_name: post.replyTo.account.handle,
          in_reply_to_status_id_str: post.replyTo.id,
          in_reply_to_user_id_str: post.replyTo.account.id,
        }
      : {}),
    is_quote_status: post.quoted !== undefined,
    lang: post.language ?? 'en',
    ...(media.length ? { possibly_sensitive: post.possiblySensitive ?? false } : {}),
    quote_count: 0,
    ...(post.quoted === undefined ? {} : { quoted_status_id_str: post.quoted }),
    reply_count: 0,
    retweet_count: 0,
    user_id_str: post.author.id,
  };
}

/** Since 2026 names stand in `core`, the avatar in `avatar`. */
function user(account: Account): Json {
  return {
    __typename: 'User',
    affiliates_highlighted_label: {},
    avatar: { image_url: avatarUrl(account) },
    core: {
      created_at: 'Thu Jan 01 00:00:00 +0000 2015',
      name: account.name,
      screen_name: account.handle,
    },
    id: Buffer.from(`User:${account.id}`).toString('base64'),
    is_blue_verified: false,
    legacy: { default_profile: false, description: '', entities: { description: {} } },
    location: { location: '' },
    privacy: { protected: false },
    profile_image_shape: 'Circle',
    rest_id: account.id,
    verification: {
      verified: false,
      ...(account.verifiedType ? { verified_type: account.verifiedType } : {}),
    },
  };
}

function noteTweet(post: Post, noteText: string): Json {
  const result = { id: shortCode('note', post.id), text: noteText, entity_set: {} };
  return { is_expandable: true, note_tweet_results: { result } };
}

/** `Wed Feb 12 18:13:24 +0000 2020` */
function legacyTime(at: Date): string {
  const [weekday, day, month, year, time] = at.toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${day} ${time} +0000 ${year}`;
}
