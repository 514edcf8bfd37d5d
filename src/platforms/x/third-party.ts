/** What other archives hold of X: under which addresses, and in which shapes. */
import { z } from 'zod';
import type { LinkFacts } from '../identity.ts';
import type { ThirdPartyReading } from '../platform.ts';
import { claimedTime } from './claimed-time.ts';
import { identify } from './identity.ts';

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

const text = z.string();
const user = z.object({
  username: text.optional(),
  screen_name: text.optional(),
  name: text.optional(),
});
const media = z.object({
  url: text.optional(),
  media_url_https: text.optional(),
  preview_image_url: text.optional(),
});

/** The answer of X's interface, version 2, as several collections kept it. */
const versionTwo = z.object({
  data: z.object({ id: text, text, created_at: text.optional() }),
  includes: z
    .object({ users: z.array(user).optional(), media: z.array(media).optional() })
    .optional(),
});
/** Version 1.1. */
const versionOne = z.object({
  id_str: text,
  full_text: text.optional(),
  text: text.optional(),
  created_at: text.optional(),
  user: user.optional(),
  extended_entities: z.object({ media: z.array(media) }).optional(),
  entities: z.object({ media: z.array(media).optional() }).optional(),
});

/** Reads a kept answer of X's own interfaces; `null` for anything else, pages included. */
export function readKeptPost(bytes: Buffer, source: string): ThirdPartyReading | null {
  const value = jsonOf(bytes);
  const two = versionTwo.safeParse(value);
  if (two.success && source === `x:status:${two.data.data.id}`) {
    const { data, includes } = two.data;
    return {
      text: data.text,
      author: authorOf(includes?.users?.[0]),
      claimedAt: claimedTime(data.created_at ?? null),
      media: picturesOf(includes?.media ?? []),
    };
  }
  const one = versionOne.safeParse(value);
  if (!one.success || source !== `x:status:${one.data.id_str}`) return null;
  const { data } = one;
  return {
    text: data.full_text ?? data.text ?? '',
    author: authorOf(data.user),
    claimedAt: claimedTime(data.created_at ?? null),
    media: picturesOf(data.extended_entities?.media ?? data.entities?.media ?? []),
  };
}

function authorOf(found: z.infer<typeof user> | undefined): ThirdPartyReading['author'] {
  return { handle: found?.username ?? found?.screen_name ?? null, name: found?.name ?? null };
}

/** Only X's own picture host: a kept answer is nobody's leave to fetch other things. */
function picturesOf(found: z.infer<typeof media>[]): string[] {
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
