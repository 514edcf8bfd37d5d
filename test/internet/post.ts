/**
 * One post of the small internet. Every site answers from this one description, so that
 * syndication, GraphQL, oEmbed, pages and files agree unless a test makes them lie.
 */
import { createHash } from 'node:crypto';
import { type ClipRecipe, clipMilliseconds, type PictureRecipe, rungs } from './content.ts';

const snowflakeEpochMs = 1_288_834_974_657n;

export interface Account {
  id: string;
  handle: string;
  name: string;
  verifiedType?: 'Government' | 'Business';
}

export interface NewPost {
  id: string;
  author: Account;
  /** Plain text, without the media link; links stand in it written out. */
  text: string;
  media?: NewMedia[];
  /** The code of the media link (`t.co/CODE`, `pic.twitter.com/CODE`). */
  mediaCode?: string;
  language?: string;
  /** Text of a long post; `text` is then what syndication gives of it. */
  noteText?: string;
  replyTo?: { id: string; account: Account };
  quoted?: string;
  possiblySensitive?: boolean;
  place?: { id: string; full_name: string };
}

export type NewMedia = NewPicture | NewVideo;

interface NewPicture {
  kind: 'picture';
  picture: PictureRecipe;
  altText?: string;
}

interface NewVideo {
  kind: 'video' | 'gif';
  clip: ClipRecipe;
  altText?: string;
}

/** What the platform says about the post now. */
export type PostState =
  | 'live'
  | 'deleted'
  /** Gone without a notice: 404 where one with a text could be. */
  | 'vanished'
  | 'suspended'
  | 'protected'
  | 'account-gone'
  | 'age-gated';

export interface Post extends NewPost {
  state: PostState;
  /** Oldest first; more than one = edited. */
  editIds: string[];
  mediaAvailability: 'Available' | 'Dmcaed' | 'Deleted' | 'Geoblocked';
}

export type Json = Record<string, unknown>;

/** The moment inside an id; the oldest ids hold none and get a fixed one. */
export function postedAt(id: string): Date {
  const value = BigInt(id);
  if (value < 29_700_859_247n) return new Date('2006-03-21T20:50:14Z');
  return new Date(Number((value >> 22n) + snowflakeEpochMs));
}

/** An id of the same kind, earlier or later by some seconds. */
export function idAfter(id: string, seconds: number): string {
  return String(BigInt(id) + (BigInt(seconds * 1000) << 22n));
}

export function statusUrl(post: Post): string {
  return `https://x.com/${post.author.handle}/status/${post.id}`;
}

/** Where the media link of the post leads. */
export function mediaPageUrl(post: Post): string {
  const kind = post.media?.[0]?.kind === 'video' ? 'video' : 'photo';
  return `${statusUrl(post)}/${kind}/1`;
}

export function avatarUrl(account: Account): string {
  return `https://pbs.twimg.com/profile_images/${account.id}/${key('avatar', account.id)}_normal.jpg`;
}

/** Ten letters and digits, the same for the same input. */
export function shortCode(...of: string[]): string {
  return key(...of)
    .replace(/[-_]/g, 'x')
    .slice(0, 10);
}

export function mediaCode(post: NewPost): string | null {
  return post.media?.length ? (post.mediaCode ?? shortCode('media', post.id)) : null;
}

/** The files that a post's media consist of, by address. */
export interface MediaFile {
  post: Post;
  media: NewMedia;
  /** Path and host without query: `pbs.twimg.com/media/KEY.jpg`. */
  picture: string;
  video: { mediaId: string; master: string; rungs: string[] } | null;
}

export function mediaFiles(post: Post): MediaFile[] {
  return (post.media ?? []).map((media, index) => {
    // The upload comes some seconds before the post.
    const mediaId = idAfter(post.id, -20 - index);
    const name = fileKey(mediaId);
    if (media.kind === 'picture') {
      const extension = media.picture.format === 'png' ? 'png' : 'jpg';
      return { post, media, picture: `pbs.twimg.com/media/${name}.${extension}`, video: null };
    }
    if (media.kind === 'gif') {
      const picture = `pbs.twimg.com/tweet_video_thumb/${name}.jpg`;
      const video = `video.twimg.com/tweet_video/${name}.mp4`;
      return { post, media, picture, video: { mediaId: post.id, master: '', rungs: [video] } };
    }
    const folder = `video.twimg.com/ext_tw_video/${mediaId}/pu`;
    const ladder = rungs.map(({ width, height }) => {
      const file = key('rung', mediaId, String(width));
      return `${folder}/vid/avc1/${width}x${height}/${file}.mp4`;
    });
    const picture = `pbs.twimg.com/ext_tw_video_thumb/${mediaId}/pu/img/${name}.jpg`;
    const master = `${folder}/pl/${name}.m3u8`;
    return { post, media, picture, video: { mediaId, master, rungs: ladder } };
  });
}

/** One media object in the shape that both APIs share. */
export function mediaObject(file: MediaFile, indices: [number, number]): Json {
  const { post, media } = file;
  const size =
    media.kind === 'picture'
      ? { width: media.picture.width, height: media.picture.height }
      : { width: 1280, height: 720 };
  const code = mediaCode(post);
  return {
    display_url: `pic.x.com/${code}`,
    expanded_url: mediaPageUrl(post),
    ...(media.altText === undefined ? {} : { ext_alt_text: media.altText }),
    ext_media_availability:
      post.mediaAvailability === 'Available'
        ? { status: 'Available' }
        : { status: 'Unavailable', reason: post.mediaAvailability },
    indices,
    media_url_https: `https://${file.picture}`,
    original_info: { focus_rects: [], ...size },
    sizes: sizes(size),
    type: { picture: 'photo', video: 'video', gif: 'animated_gif' }[media.kind],
    url: `https://t.co/${code}`,
    ...(media.kind === 'picture' ? {} : { video_info: videoInfo(file, media) }),
  };
}

function videoInfo(file: MediaFile, media: NewVideo): Json {
  if (!file.video) return {};
  if (media.kind === 'gif') {
    const url = `https://${file.video.rungs[0]}`;
    return { aspect_ratio: [16, 9], variants: [{ bitrate: 0, content_type: 'video/mp4', url }] };
  }
  return {
    aspect_ratio: [16, 9],
    duration_millis: clipMilliseconds(media.clip),
    variants: variants(file.video),
  };
}

/** Not sorted, as in the recordings: whoever takes the first takes the wrong one. */
export function variants(video: { master: string; rungs: string[] }): Json[] {
  const ladder = rungs.map(({ bitrate }, index) => ({
    bitrate,
    content_type: 'video/mp4',
    url: `https://${video.rungs[index]}?tag=12`,
  }));
  const master = {
    content_type: 'application/x-mpegURL',
    url: `https://${video.master}?tag=12&v=cfc`,
  };
  return [ladder[1], master, ladder[2], ladder[0]].filter((one) => one !== undefined);
}

function sizes({ width, height }: { width: number; height: number }): Json {
  const within = (box: number) => {
    const scale = Math.min(1, box / Math.max(width, height));
    return { h: Math.round(height * scale), resize: 'fit', w: Math.round(width * scale) };
  };
  const thumb = { h: 150, resize: 'crop', w: 150 };
  return { large: within(2048), medium: within(1200), small: within(680), thumb };
}

/** As X makes them: the eight bytes of the file's number, and three more. */
function fileKey(mediaId: string): string {
  const bytes = Buffer.from(key('file', mediaId), 'base64url').subarray(0, 11);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(mediaId)));
  return bytes.toString('base64url');
}

function key(...of: string[]): string {
  return createHash('sha256').update(of.join('\n')).digest('base64url').slice(0, 15);
}
