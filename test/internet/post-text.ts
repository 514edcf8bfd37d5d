/**
 * The text of a post the way the platform gives it: escaped, links shortened, the media
 * link at the end, and entities whose indices count code points of the escaped text.
 */
import type { Account, Json, Post } from './post.ts';
import { mediaCode, mediaPageUrl, shortCode } from './post.ts';

export interface PostText {
  text: string;
  /** Where the readable part ends: before the space that the media link follows. */
  readableEnd: number;
  /** Where the media link stands; `null` without media. */
  mediaIndices: [number, number] | null;
  entities: { hashtags: Json[]; urls: Json[]; user_mentions: Json[]; media: Json[] };
  /** Short link code to full address, for t.co. */
  links: [code: string, url: string][];
}

const token = /https?:\/\/[^\s]+|(?<![\w@])@\w{1,15}|(?<![\w#])#[\p{L}\p{N}_]+/gu;

export function postText(
  post: Post,
  plain = post.text,
  account: (handle: string) => Account = unknownAccount,
): PostText {
  const entities: PostText['entities'] = { hashtags: [], urls: [], user_mentions: [], media: [] };
  const links: PostText['links'] = [];
  let text = '';
  let done = 0;
  for (const match of plain.matchAll(token)) {
    text += escaped(plain.slice(done, match.index));
    done = match.index + match[0].length;
    const start = length(text);
    text += escaped(match[0].startsWith('http') ? shortened(match[0], links) : match[0]);
    addEntity(match[0], [start, length(text)]);
  }
  text += escaped(plain.slice(done));
  const readableEnd = length(text);
  const code = mediaCode(post);
  if (code === null) return { text, readableEnd, mediaIndices: null, entities, links };
  text += ` https://t.co/${code}`;
  const mediaIndices: [number, number] = [readableEnd + 1, length(text)];
  entities.media.push({
    display_url: `pic.x.com/${code}`,
    expanded_url: mediaPageUrl(post),
    indices: mediaIndices,
    url: `https://t.co/${code}`,
  });
  return { text, readableEnd, mediaIndices, entities, links };

  function addEntity(found: string, indices: [number, number]): void {
    if (found.startsWith('#')) entities.hashtags.push({ indices, text: found.slice(1) });
    else if (found.startsWith('@')) {
      const { id, name, handle } = account(found.slice(1));
      entities.user_mentions.push({ id_str: id, indices, name, screen_name: handle });
    } else {
      const url = `https://t.co/${links.at(-1)?.[0]}`;
      const shown = found.replace(/^https?:\/\//, '');
      const display_url = shown.length > 26 ? `${shown.slice(0, 26)}…` : shown;
      entities.urls.push({ display_url, expanded_url: found, indices, url });
    }
  }
}

function shortened(url: string, links: PostText['links']): string {
  const code = shortCode('link', url);
  links.push([code, url]);
  return `https://t.co/${code}`;
}

/** A mentioned account that nobody described: zeros, never a guess at a real id. */
function unknownAccount(handle: string): Account {
  return { id: '0', handle, name: handle };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function length(text: string): number {
  return [...text].length;
}
