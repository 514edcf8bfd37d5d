/** How sites show somebody's post or clip in their pages: the address of what is embedded. */
import { isId } from '../platforms/x/identity.ts';
import type { HtmlTag } from './html-tokens.ts';

export type Embed = { post: string } | { address: string };

const media = /^(?:video|audio|source|amp-video|amp-audio)$/;
const players: Record<string, [attribute: string, address: (id: string) => string]> = {
  'amp-youtube': ['data-videoid', youtube],
  'lite-youtube': ['videoid', youtube],
  'amp-instagram': ['data-shortcode', (id) => `https://www.instagram.com/p/${id}/`],
  'amp-vimeo': ['data-videoid', (id) => `https://vimeo.com/${id}`],
  'amp-dailymotion': ['data-videoid', (id) => `https://www.dailymotion.com/video/${id}`],
  'amp-tiktok': ['data-src', (id) => `https://www.tiktok.com/embed/v2/${id}`],
};

function youtube(id: string): string {
  return `https://www.youtube.com/watch?v=${id}`;
}

/** Null: the element embeds nothing. Players in frames are read elsewhere: most frames are no players. */
export function embedOf({ name, attributes }: HtmlTag): Embed | null {
  const id = (attributes.get('data-tweet-id') ?? attributes.get('data-tweetid') ?? '').trim();
  if (isId(id)) return { post: id };
  const address = addressOf(name, attributes)?.trim();
  return address === undefined || address === '' ? null : { address };
}

function addressOf(name: string, attributes: Map<string, string>): string | undefined {
  const classes = attributes.get('class') ?? '';
  const telegram = attributes.get('data-telegram-post');
  if (telegram !== undefined && /^[\w]+\/[0-9]+$/.test(telegram)) return `https://t.me/${telegram}`;
  if (/\binstagram-media\b/.test(classes)) return attributes.get('data-instgrm-permalink');
  if (/\btiktok-embed\b/.test(classes)) return attributes.get('cite');
  if (/\bbluesky-embed\b/.test(classes)) return blueskyPost(attributes.get('data-bluesky-uri'));
  if (/\bfb-(?:post|video)\b/.test(classes)) return attributes.get('data-href');
  if (/\btwitter-(?:tweet|video)\b/.test(classes)) return attributes.get('cite');
  if (/\btext-post-media\b/.test(classes)) return attributes.get('data-text-post-permalink');
  if (/\bmastodon-embed\b/.test(classes)) return mastodonPost(attributes);
  if (/^amp-facebook/.test(name)) return attributes.get('data-href');
  if (name === 'oembed') return attributes.get('url');
  const told = attributes.get('data-oembed-url') ?? attributes.get('data-tweet-url');
  if (told !== undefined) return told;
  if (media.test(name)) return attributes.get('src') ?? attributes.get('data-src');
  const [attribute, player] = players[name] ?? [];
  const id = attribute === undefined ? undefined : attributes.get(attribute);
  if (id === undefined || player === undefined) return undefined;
  if (/^[\w-]{4,30}$/.test(id)) return player(id);
  return /^https?:\/\//.test(id) ? id : undefined;
}

/** Both forms of the widget name the post's frame, which stands one step below the post. */
function mastodonPost(attributes: Map<string, string>): string | undefined {
  const frame = attributes.get('data-embed-url') ?? attributes.get('src');
  return frame?.replace(/\/embed\/?$/, '');
}

function blueskyPost(uri: string | undefined): string | undefined {
  const [, author, post] = /^at:\/\/([^/]+)\/app\.bsky\.feed\.post\/(\w+)$/.exec(uri ?? '') ?? [];
  return author && post && `https://bsky.app/profile/${author}/post/${post}`;
}
