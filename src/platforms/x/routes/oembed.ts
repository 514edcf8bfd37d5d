/**
 * What X gives to sites that embed a post: author, text and date as a blockquote. No media
 * and no exact time, but an answer of its own to the question whether the post is there.
 */
import { type DefaultTreeAdapterMap, parseFragment } from 'parse5';
import { z } from 'zod';
import type { Answer, Ask } from '../../platform.ts';
import { maybe, nothingMore, text } from '../claims/claims.ts';
import { nodesIn } from './html-nodes.ts';
import { jsonOf, otherPost, type RouteReading, read, transportReading } from './reading.ts';
import { honestAgent } from './user-agents.ts';

// Some hundred times what was ever seen: hostile markup takes square time to read.
const maxBytes = 64 * 1024;

export async function askOembed(id: string, ask: Ask): Promise<RouteReading> {
  const url = new URL('https://publish.x.com/oembed');
  url.search = new URLSearchParams({
    url: `https://x.com/i/status/${id}`,
    omit_script: '1',
    dnt: 'true',
    lang: 'en',
  }).toString();
  const answer = await ask({
    route: 'oembed',
    url: url.href,
    headers: { 'user-agent': honestAgent },
    maxBytes,
  });
  return readOembed(answer, id);
}

const embedding = z.object({ html: text, author_name: maybe(text), author_url: maybe(text) });

/** Reads one answer. A 403 was seen for a post that was there, so it is `blocked` and no absence. */
export function readOembed(answer: Answer, id: string): RouteReading {
  const failed = transportReading(answer);
  if (failed) return failed;
  if (answer.status === 404) return read(answer, 'not-found');
  const parsed = embedding.safeParse(jsonOf(answer));
  if (answer.status !== 200 || !parsed.success) return read(answer, 'extractor-broken');
  const quote = blockquote(parsed.data.html);
  if (quote?.id === undefined) return read(answer, 'extractor-broken');
  if (quote.id !== id) return otherPost(answer, id, quote.id);
  const handle = /^https?:\/\/(?:www\.)?(?:x|twitter)\.com\/(\w{1,20})\/?$/.exec(
    parsed.data.author_url ?? '',
  )?.[1];
  const author = {
    id: null,
    handle: handle ?? null,
    name: parsed.data.author_name ?? null,
    avatarUrl: null,
  };
  return {
    ...read(answer, 'available'),
    claims: { ...nothingMore, id, author, rawText: quote.text },
  };
}

type Node = DefaultTreeAdapterMap['node'];

/** The paragraph is the text; the last link of the quote is the post's own address. */
function blockquote(html: string): { id: string | undefined; text: string } | null {
  const nodes = [...nodesIn(parseFragment(html))];
  const paragraph = nodes.find((node) => 'tagName' in node && node.tagName === 'p');
  if (paragraph === undefined) return null;
  const links = nodes.flatMap((node) =>
    'tagName' in node && node.tagName === 'a'
      ? node.attrs.filter(({ name }) => name === 'href').map(({ value }) => value)
      : [],
  );
  const id = /\/status\/(\d{1,19})(?:[/?#]|$)/.exec(links.at(-1) ?? '')?.[1];
  return { id, text: escaped(textOf(paragraph)) };
}

function textOf(root: Node): string {
  return [...nodesIn(root)]
    .map((node) => {
      if ('tagName' in node && node.tagName === 'br') return '\n';
      return node.nodeName === '#text' && 'value' in node ? node.value : '';
    })
    .join('');
}

/** Back to the form in which the other routes give a text. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
