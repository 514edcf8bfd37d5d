/** cdn.syndication.twimg.com: the record behind every embedded post. */
import { type Answer, html, json, type SiteRequest } from '../answer.ts';
import { clipMilliseconds } from '../content.ts';
import {
  type Account,
  avatarUrl,
  type Json,
  type MediaFile,
  mediaFiles,
  mediaObject,
  mediaPageUrl,
  type Post,
  postedAt,
  variants,
} from '../post.ts';
import { postText } from '../post-text.ts';
import type { World } from '../world.ts';

const noticeTexts: Partial<Record<Post['state'], string>> = {
  deleted: 'This Post was deleted by the Post author.',
  'account-gone': 'This Post is from an account that no longer exists.',
  protected:
    'You’re unable to view this Post because this account owner limits who can view their Posts.',
};

export function syndication(request: SiteRequest, world: World): Answer {
  if (request.url.pathname !== '/tweet-result') return notFound();
  const answer = record(request.url.searchParams, world);
  answer.headers = {
    ...answer.headers,
    'access-control-allow-origin': '*',
    'cache-control': 'must-revalidate, max-age=60',
  };
  return answer;
}

function record(query: URLSearchParams, world: World): Answer {
  const id = query.get('id') ?? '';
  if (!/^\d{1,19}$/.test(id)) return notFound();
  if (query.get('token') !== syndicationToken(id)) return json({});
  const recorded = world.recorded(id, 'syndication');
  if (recorded) return { ...recorded, gzip: true };
  const post = world.posts.get(id);
  if (!post || post.state === 'vanished' || post.state === 'suspended') return notFound();
  if (post.state === 'age-gated') return json({ __typename: 'TweetTombstone', tombstone: {} });
  const text = noticeTexts[post.state];
  return json(text === undefined ? { __typename: 'Tweet', ...tweet(post, world) } : notice(text));
}

/** Number to base 36, as the clients compute it; precision loss of large ids is part of it. */
export function syndicationToken(id: string): string {
  return ((Number(id) / 1e15) * Math.PI).toString(36).replace(/(0+|\.)/g, '');
}

function notice(statement: string): Json {
  const text = `${statement} Learn more`;
  const from = [...statement].length + 1;
  const url = 'https://help.twitter.com/rules-and-policies/notices-on-twitter';
  const ref = { __typename: 'TimelineUrl', url, url_type: 'ExternalUrl' };
  const entities = [{ from_index: from, to_index: from + 10, ref }];
  return { __typename: 'TweetTombstone', tombstone: { text: { text, entities, rtl: false } } };
}

function tweet(post: Post, world: World): Json {
  const { text, readableEnd, mediaIndices, entities } = postText(post);
  const files = mediaFiles(post);
  const indices = mediaIndices ?? [0, 0];
  const quoted = post.quoted === undefined ? undefined : world.posts.get(post.quoted);
  const parent = post.replyTo && world.posts.get(post.replyTo.id);
  const video = files.find((file) => file.video);
  return {
    favorite_count: 0,
    ...replyFields(post),
    lang: post.language ?? 'en',
    ...(post.place ? { place: post.place } : {}),
    ...(files.length ? { possibly_sensitive: post.possiblySensitive ?? false } : {}),
    created_at: `${postedAt(post.id).toISOString().slice(0, 19)}.000Z`,
    display_text_range: [0, mediaIndices ? readableEnd + 1 : readableEnd],
    // Empty arrays are left out since 2026.
    entities: Object.fromEntries(Object.entries(entities).filter(([, list]) => list.length > 0)),
    id_str: post.id,
    text,
    user: user(post.author),
    edit_control: editControl(post),
    ...(files.length ? { mediaDetails: files.map((file) => mediaObject(file, indices)) } : {}),
    ...(files.length ? { photos: files.filter((file) => !file.video).map(photo) } : {}),
    ...(video ? { video: videoSummary(video) } : {}),
    conversation_count: 0,
    news_action_type: 'conversation',
    ...(post.noteText === undefined ? {} : { note_tweet: { id: noteId(post.id) } }),
    ...(quoted?.state === 'live' ? { quoted_tweet: tweet(quoted, world) } : {}),
    ...(parent?.state === 'live' ? { parent: tweet(parent, world) } : {}),
    isEdited: post.editIds.length > 1,
    isStaleEdit: post.editIds.at(-1) !== post.id,
  };
}

function user(account: Account): Json {
  return {
    id_str: account.id,
    name: account.name,
    screen_name: account.handle,
    is_blue_verified: false,
    profile_image_shape: 'Circle',
    verified: false,
    ...(account.verifiedType ? { verified_type: account.verifiedType } : {}),
    profile_image_url_https: avatarUrl(account),
  };
}

/** Half an hour to edit before mid-2023, an hour since. */
export function editControl(post: Post): Json {
  const first = postedAt(post.editIds[0] ?? post.id).getTime();
  const minutes = first < Date.UTC(2023, 5, 1) ? 30 : 60;
  return {
    edit_tweet_ids: post.editIds,
    editable_until_msecs: String(first + minutes * 60_000),
    edits_remaining: String(6 - post.editIds.length),
    is_edit_eligible: true,
  };
}

function replyFields({ replyTo }: Post): Json {
  if (!replyTo) return {};
  return {
    in_reply_to_screen_name: replyTo.account.handle,
    in_reply_to_status_id_str: replyTo.id,
    in_reply_to_user_id_str: replyTo.account.id,
  };
}

function photo(file: MediaFile): Json {
  if (file.media.kind !== 'picture') return {};
  const { width, height } = file.media.picture;
  return {
    backgroundColor: { red: 204, green: 214, blue: 221 },
    cropCandidates: [],
    expandedUrl: mediaPageUrl(file.post),
    url: `https://${file.picture}`,
    width,
    height,
  };
}

function videoSummary(file: MediaFile): Json {
  const { media, video } = file;
  if (media.kind === 'picture' || !video) return {};
  const gif = media.kind === 'gif';
  const listed = gif
    ? [{ content_type: 'video/mp4', url: `https://${video.rungs[0]}` }]
    : variants(video);
  return {
    aspectRatio: [16, 9],
    contentType: gif ? 'gif' : 'media_entity',
    durationMs: gif ? 0 : clipMilliseconds(media.clip),
    mediaAvailability: { status: file.post.mediaAvailability.toLowerCase() },
    poster: `https://${file.picture}`,
    variants: listed.map(({ content_type, url }) => ({ type: content_type, src: url })),
    videoId: { type: 'tweet', id: file.post.id },
    viewCount: 0,
  };
}

function noteId(id: string): string {
  return Buffer.from(`NoteTweet:${id}`).toString('base64');
}

function notFound(): Answer {
  return html(
    '<!doctype html><html lang="en"><head><title>Nothing here</title></head><body><h1>Nothing here</h1><p>The address that you asked for does not exist on this server.</p></body></html>',
    404,
  );
}
