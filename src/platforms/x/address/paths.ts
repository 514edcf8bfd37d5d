/** The paths under which X (and everybody who imitates it) shows posts and other things. */
import type { Identity, LinkFacts, Rejection } from '../../identity.ts';
import { isId } from './ids.ts';

/** Fact names are set only where the path says so: absent is not empty. */
type Words = Partial<Record<'handle' | 'id' | 'rest', string>>;

const postForms = [
  /^(?:dir\/|dl\/)?(?:i\/web\/|web\/|(?<handle>[^/]+)\/)?status(?:es)?\/(?<id>[^/]+)(?:\/(?<rest>.+))?$/i,
  // An article of an author carries the id of its post; `/i/article/…` is another number.
  /^(?!i\/)(?<handle>[^/]+)\/articles?\/(?<id>[^/]+)(?:\/(?<rest>.+))?$/i,
  /^i\/(?:videos(?:\/tweet)?|cards\/tfw\/v[0-9]+|tweet)\/(?<id>[^/]+)(?:\/(?<rest>.+))?$/i,
];

const mediaSuffix = /\.(?:mp4|webm|mov|m3u8|jpe?g|png|webp|gif|txt|json|html?)$/i;

/** Path without its slashes at either end, decoded once; empty parts are dropped. */
export function plainPath(path: string): string {
  let decoded = path;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // A stray percent sign: take the path as it stands.
  }
  return decoded.split('/').filter(Boolean).join('/');
}

/** The post that a path names, a rejection where it tries to, `null` where it doesn't. */
export function postInPath(path: string): Identity | Rejection | null {
  for (const form of postForms) {
    const words: Words | undefined = form.exec(path)?.groups;
    if (words?.id !== undefined) return post(words.id, words.handle, words.rest);
  }
  return null;
}

/** `x:status:ID` for an id as pasted: with a media suffix, or with a sentence's end behind it. */
export function post(id: string, handle?: string, rest?: string): Identity | Rejection {
  const { id: bare, leftOff } = withoutGluedText(withoutTail(id).replace(mediaSuffix, ''));
  if (/(?:…|\.{3})$/.test(bare)) return { rejected: 'truncated-display-url' };
  if (!isId(bare)) return { rejected: 'bad-id' };
  const facts: LinkFacts = leftOff === '' ? {} : { leftOff };
  const named = handle === undefined ? null : handleIn(handle);
  if (named !== null && named.toLowerCase() !== 'i') facts.handle = named;
  const media = /^(?:photo|video)\/([1-9][0-9]?)(?:\/|$)/i.exec(rest ?? '')?.[1];
  if (media !== undefined) facts.media = Number(media);
  return { key: `x:status:${bare}`, facts };
}

/**
 * Text that begins right behind an id, as where a line break was lost in pasting: a handle, or a word
 * with a capital letter. Only behind 19 digits, since no id has more: what stands behind fewer, or
 * begins otherwise, may as well be an id that was damaged.
 */
function withoutGluedText(text: string): { id: string; leftOff: string } {
  const glued = /^([1-9][0-9]{18})([.,;:!?)]?(?:@[A-Za-z0-9_]{2,15}|[A-Z][a-z’'-]+))$/.exec(text);
  return { id: glued?.[1] ?? text, leftOff: glued?.[2] ?? '' };
}

/** A handle as pasted, with or without `@`; `null` where it can't be one. */
export function handleIn(text: string): string | null {
  return /^@?([A-Za-z0-9_]{1,15})$/.exec(withoutTail(text))?.[1] ?? null;
}

/** Drops invisible characters, spaces and a sentence's closing signs behind an id or a code. */
export function withoutTail(text: string): string {
  const visible = text.replace(/[\s\p{Cf}]+/gu, '');
  if (/(?:…|\.{3})$/.test(visible)) return visible;
  let end = visible.length;
  while (end > 0 && '.,;:!?\'"”’»)]}>*|\\'.includes(visible.charAt(end - 1))) end -= 1;
  return visible.slice(0, end);
}
