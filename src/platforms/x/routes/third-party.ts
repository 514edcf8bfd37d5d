/** What other archives hold of X: under which addresses, and in which shapes. */
import { z } from 'zod';
import type { LinkFacts } from '../../identity.ts';
import type { ThirdPartyReading } from '../../platform.ts';
import { claimedTime } from '../claims/claimed-time.ts';
import { each, maybe, text, unread } from '../claims/claims.ts';
import { unescapeOnce } from '../claims/displayed-text.ts';
import { identify } from '../identity.ts';

const hosts = ['twitter.com', 'mobile.twitter.com', 'x.com'];

/** Every address under which a post was ever shown; without a handle only one form is known. */
export function addressesOfPost(source: string, { handle }: LinkFacts): string[] {
  const id = /^x:status:(\d+)$/.exec(source)?.[1];
  if (id === undefined) return [];
  const plain = hosts.map((host) => `https://${host}/i/web/status/${id}*`);
  if (handle === undefined) return plain;
  return [...hosts.map((host) => `https://${host}/${handle}/status/${id}*`), ...plain.slice(0, 1)];
}

/** A prefix finds longer ids, too. */
export function isAddressOf(source: string, original: string): boolean {
  if (!URL.canParse(original)) return false;
  const found = identify(new URL(original));
  return found !== null && 'key' in found && found.key === source;
}

const user = z.object({
  id: maybe(text),
  username: maybe(text),
  screen_name: maybe(text),
  name: maybe(text),
});
type User = z.output<typeof user>;
const media = z.object({
  media_key: maybe(text),
  url: maybe(text),
  media_url_https: maybe(text),
  preview_image_url: maybe(text),
});
type Media = z.output<typeof media>;

/** The answer of X's interface, version 2, as several collections kept it. */
const versionTwo = z.object({
  data: z.object({
    id: text,
    text,
    author_id: maybe(text),
    created_at: maybe(text),
    note_tweet: maybe(z.object({ text })),
    attachments: maybe(z.object({ media_keys: maybe(z.array(text)) })),
  }),
  includes: maybe(z.object({ users: unread, media: unread })),
});
/** Version 1.1; where a stream gave it, a long text stands in `extended_tweet`. */
const versionOne = z.object({
  id_str: text,
  full_text: maybe(text),
  text: maybe(text),
  truncated: maybe(z.boolean()),
  extended_tweet: maybe(z.object({ full_text: text })),
  created_at: maybe(text),
  user: maybe(user),
  extended_entities: maybe(z.object({ media: unread })),
  entities: maybe(z.object({ media: unread })),
});

/** Reads a kept answer of X's own interfaces; `null` for anything else, pages included. */
export function readKeptPost(bytes: Buffer, source: string): ThirdPartyReading | null {
  const value = jsonOf(bytes);
  const two = versionTwo.safeParse(value);
  if (two.success && source === `x:status:${two.data.data.id}`) return readTwo(two.data);
  const one = versionOne.safeParse(value);
  return one.success && source === `x:status:${one.data.id_str}` ? readOne(one.data) : null;
}

/** Beside the post stand all users and media that it has to do with, those of others included. */
function readTwo({ data, includes }: z.output<typeof versionTwo>): ThirdPartyReading {
  const keys = data.attachments?.media_keys;
  const author = each(user, includes?.users).find(({ id }) => id != null && id === data.author_id);
  const own = each(media, includes?.media).filter(
    ({ media_key }) => keys == null || media_key == null || keys.includes(media_key),
  );
  return {
    text: unescapeOnce(data.note_tweet?.text ?? data.text),
    textTruncated: false,
    author: authorOf(author),
    claimedAt: claimedTime(data.created_at ?? null),
    media: picturesOf(own),
  };
}

function readOne(data: z.output<typeof versionOne>): ThirdPartyReading {
  const whole = data.full_text ?? data.extended_tweet?.full_text;
  return {
    text: unescapeOnce(whole ?? data.text ?? ''),
    textTruncated: whole == null && data.truncated === true,
    author: authorOf(data.user ?? undefined),
    claimedAt: claimedTime(data.created_at ?? null),
    media: picturesOf(each(media, data.extended_entities?.media ?? data.entities?.media)),
  };
}

function authorOf(found: User | undefined): ThirdPartyReading['author'] {
  return { handle: found?.username ?? found?.screen_name ?? null, name: found?.name ?? null };
}

/** Only X's own picture host: a kept answer is nobody's leave to fetch other things. */
function picturesOf(found: Media[]): string[] {
  return found
    .map(
      ({ url, media_url_https, preview_image_url }) => media_url_https ?? url ?? preview_image_url,
    )
    .filter((address): address is string => /^https:\/\/pbs\.twimg\.com\//.test(address ?? ''));
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
