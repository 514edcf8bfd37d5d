/**
 * `pic.twitter.com/CODE` and `t.co/CODE` are one code, and only t.co knows the post behind
 * it. Follows it, by hand and only inside X, until an address names what it is; every hop
 * is kept, because it is the evidence that this code led to that post.
 */

import { parse } from 'parse5';
import type { Reason } from '../../../base/reasons.ts';
import type { Answer, Ask, Hop, Signal } from '../../platform.ts';
import { identify as identifyPage } from '../../web/identity.ts';
import { identify } from '../identity.ts';
import { nodesIn } from './html-nodes.ts';
import { type RouteReading, read, transportReading } from './reading.ts';
import { honestAgent } from './user-agents.ts';

const maxHops = 8;
// Some hundred times what was ever seen: hostile markup takes square time to read.
const maxBytes = 64 * 1024;

export interface Resolved {
  /** The canonical key that the code leads to; `null` where it can't be told. */
  source: string | null;
  hops: Hop[];
  readings: RouteReading[];
  /** Facts that the final address claims, such as the author's handle. */
  facts: Record<string, string | number | null | undefined>;
  /** Why there is no source. */
  reason: Reason | Signal | null;
}

/** @param code the letters and digits of `t.co/CODE` */
export async function resolveTco(code: string, ask: Ask, signal: AbortSignal): Promise<Resolved> {
  const made: Pick<Resolved, 'hops' | 'readings'> = { hops: [], readings: [] };
  let url: string | null = `https://t.co/${encodeURIComponent(code)}`;
  for (let hop = 0; url !== null && hop < maxHops; hop++) {
    signal.throwIfAborted();
    const answer: Answer = await ask({
      route: 't.co',
      url,
      headers: { 'user-agent': honestAgent },
      maxBytes,
    });
    const next = nextAddress(answer);
    made.hops.push(hopOf(answer, next));
    const reading = readHop(answer, next);
    made.readings.push(reading);
    if (next === null) return unresolved(made, reading);
    const found = sourceOf(next);
    if (found !== null) return { ...made, ...found, reason: null };
    url = isInsideX(next) ? next.href : null;
  }
  return {
    ...made,
    source: null,
    facts: {},
    reason: url === null ? 'leads-nowhere' : 'too-many-hops',
  };
}

function unresolved(made: Pick<Resolved, 'hops' | 'readings'>, { signal }: RouteReading): Resolved {
  return {
    ...made,
    source: null,
    facts: {},
    reason: signal === 'unknown' ? 'leads-nowhere' : signal,
  };
}

/** A redirect says nothing about the post it leads to; its absence says something about the code. */
function readHop(answer: Answer, next: URL | null): RouteReading {
  const failed = transportReading(answer);
  if (failed) return failed;
  if (answer.status === 404 || answer.status === 410) return read(answer, 'not-found');
  return read(
    answer,
    next === null ? 'extractor-broken' : 'unknown',
    next && `leads to ${next.href}`,
  );
}

function hopOf(answer: Answer, next: URL | null): Hop {
  const { url, status, failure, observedAt } = answer;
  return { url, status, location: next?.href ?? null, failure, at: observedAt.toISOString() };
}

/** Where an answer sends its reader: by `Location`, by meta refresh, or through X's warning page. */
export function nextAddress(answer: Answer): URL | null {
  const { status } = answer;
  if (status === null) return null;
  const location = answer.headers.find(([name]) => name.toLowerCase() === 'location')?.[1];
  const isRedirect = status >= 300 && status < 400;
  const target = isRedirect ? location : status === 200 ? refreshTarget(answer.body) : undefined;
  const next = target === undefined ? null : URL.parse(target, answer.url);
  return next === null || !/^https?:$/.test(next.protocol) ? null : withoutWarning(next);
}

/** `https://twitter.com/safety/unsafe_link_warning?unsafe_link=…` stands before links that X distrusts. */
function withoutWarning(url: URL): URL {
  if (!isInsideX(url) || url.pathname !== '/safety/unsafe_link_warning') return url;
  const behind = URL.parse(url.searchParams.get('unsafe_link') ?? '');
  return behind !== null && /^https?:$/.test(behind.protocol) ? behind : url;
}

function isInsideX({ hostname }: URL): boolean {
  return hostname === 't.co' || /(?:^|\.)(?:x|twitter)\.com$/.test(hostname);
}

function sourceOf(url: URL): Pick<Resolved, 'source' | 'facts'> | null {
  const found = identify(url) ?? (isInsideX(url) ? null : identifyPage(url));
  if (found === null || 'rejected' in found || found.key.startsWith('x:tco:')) return null;
  return { source: found.key, facts: found.facts };
}

/** The target of `<meta http-equiv="refresh" content="0;URL=…">`, also inside `noscript`. */
function refreshTarget(body: Buffer): string | undefined {
  // With scripting off, as here, the content of noscript is read as elements.
  const document = parse(body.toString('utf8'), { scriptingEnabled: false });
  for (const node of nodesIn(document)) {
    if (!('tagName' in node) || node.tagName !== 'meta') continue;
    const attribute = (wanted: string) => node.attrs.find(({ name }) => name === wanted)?.value;
    if (attribute('http-equiv')?.toLowerCase() !== 'refresh') continue;
    const target = /^\s*(?:\d+\s*)?[;,]\s*url\s*=\s*['"]?([^'"\s]+)/i.exec(
      attribute('content') ?? '',
    )?.[1];
    if (target !== undefined) return target;
  }
  return undefined;
}
