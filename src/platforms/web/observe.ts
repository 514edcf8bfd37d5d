/**
 * Is the page still there, and still the same? Judged by what HTTP says and by nothing that
 * is written on the page: pages about deleted things are alive.
 */
import { createHash } from 'node:crypto';
import { defaultTreeAdapter, parse } from 'parse5';
import { normalForm } from '../../base/normal-form.ts';
import type { Signal } from '../../model/signals.ts';
import type { Answer, Ask, Canaries, ObserveRequest, Reading } from '../platform.ts';
import { withoutFragment } from './fragment.ts';

const prefix = 'web:';
const maxHops = 6;
const maxBytes = 8 * 1024 * 1024;

/** The same address asked for in two ways: sites refuse robots, and some lie to them. */
const callers = {
  page: 'Mozilla/5.0 (compatible; Holdfast)',
  'page-as-browser':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
} as const;
type Route = keyof typeof callers;

export async function observePage(
  { source, thorough }: ObserveRequest,
  ask: Ask,
  signal: AbortSignal,
): Promise<Reading[]> {
  const url = withoutFragment(source.slice(prefix.length));
  const readings = await follow('page', url, ask, signal);
  if (!thorough && readings.at(-1)?.signal === 'available') return readings;
  return [...readings, ...(await follow('page-as-browser', url, ask, signal))];
}

/** The front page of the same host. A front page has none on its own host: operators may name one. */
export function pageCanaries(source: string): Canaries {
  const url = new URL(source.slice(prefix.length));
  const isFront = url.pathname === '/' && url.search === '';
  return { good: isFront ? [] : [`${prefix}${url.origin}/`], gone: [] };
}

/** Follows redirects; every hop is an observation, and the last one is what the route says. */
async function follow(
  route: Route,
  asked: string,
  ask: Ask,
  signal: AbortSignal,
): Promise<Reading[]> {
  const readings: Reading[] = [];
  let url = asked;
  for (let hop = 0; hop < maxHops; hop++) {
    signal.throwIfAborted();
    const headers = { 'user-agent': callers[route], accept: 'text/html,*/*;q=0.8' };
    const answer = await ask({ route, url, headers, maxBytes });
    const next = redirectOf(answer);
    if (next === null) return [...readings, readPage(answer, asked)];
    readings.push({ route, signal: 'unknown', statement: `leads to ${next.href}`, answer });
    url = next.href;
  }
  return readings;
}

function redirectOf({ status, headers, url }: Answer): URL | null {
  if (status === null || status < 300 || status > 399) return null;
  const location = headers.find(([name]) => name.toLowerCase() === 'location')?.[1];
  const next = location === undefined ? null : URL.parse(location, url);
  return next !== null && /^https?:$/.test(next.protocol) ? next : null;
}

/** Reads one answer. Total: whatever came back gets a signal. */
export function readPage(answer: Answer, asked: string): Reading {
  const read = (signal: Signal, statement: string | null = null): Reading => ({
    route: answer.route,
    signal,
    statement,
    answer,
  });
  const { status, failure } = answer;
  if (status === null) return read(failedSignal(failure), failure);
  const signal = statusSignals[status];
  if (signal !== undefined) return read(signal, `HTTP ${status}`);
  if (status >= 500) return read('unreachable', `HTTP ${status}`);
  if (status < 200 || status > 299) return read('unknown', `HTTP ${status}`);
  if (isLogin(answer.url, asked)) return read('login-required', `leads to ${answer.url}`);
  if (isSentHome(answer.url, asked)) {
    return { ...read('not-found', `leads to the front page ${answer.url}`), soft: true };
  }
  return { ...read('available'), contentSha256: contentDigest(answer) };
}

/** What a browser was shown; another program than the checks, so the content is not compared with theirs. */
export function readVisit(answer: Answer, source: string): Reading {
  return { ...readPage(answer, source.slice(prefix.length)), contentSha256: null };
}

/** What RFC 9110 and RFC 7725 let a status say about the page; all others are about the way to it. */
const statusSignals: Record<number, Signal> = {
  401: 'login-required',
  402: 'subscribers-only',
  403: 'blocked',
  404: 'not-found',
  408: 'unreachable',
  410: 'page-gone',
  429: 'rate-limited',
  451: 'legal-withheld',
};

function failedSignal(failure: string | null): Signal {
  if (failure === 'no-such-name') return 'domain-gone';
  return failure === 'rate-limited' ? 'rate-limited' : 'unreachable';
}

function isLogin(reached: string, asked: string): boolean {
  const login =
    /\/(?:log-?in|sign-?in|authwall|accounts\/login|uas\/login|auth\/login)(?:[/.?#]|$)/i;
  return login.test(new URL(reached).pathname) && !login.test(new URL(asked).pathname);
}

/** A deep address that now leads to a front page: taken away, or moved, or a mistake. */
function isSentHome(reached: string, asked: string): boolean {
  const from = new URL(asked);
  const to = new URL(reached);
  const isDeep = from.pathname.replace(/\/+$/, '') !== '' || from.search !== '';
  return isDeep && to.pathname === '/' && to.search === '';
}

/** Of the words that a reader sees: markup, scripts and the order of attributes change by themselves. */
function contentDigest({ body, headers }: Answer): string {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  const content = (/html/i.test(type) ? wordsIn(body.toString('utf8')) : null) ?? body;
  return createHash('sha256').update(content).digest('hex');
}

const unseen = new Set(['script', 'style', 'noscript', 'template', 'head', 'svg', 'iframe']);

/** `null`: the page is nested deeper than browsers let pages be. */
function wordsIn(html: string): string | null {
  const words: string[] = [];
  const tree = treeOf(html);
  if (tree === null) return null;
  const waiting: unknown[] = [tree];
  while (waiting.length > 0) {
    const node = waiting.pop() as { nodeName: string; value?: string; childNodes?: unknown[] };
    if (unseen.has(node.nodeName)) continue;
    if (node.nodeName === '#text' && node.value !== undefined) words.push(node.value);
    // One by one: a node can have more children than a call takes arguments.
    for (const child of (node.childNodes ?? []).toReversed()) waiting.push(child);
  }
  return normalForm(words.join(' ')).replace(/\s+/g, ' ').trim();
}

class TooDeep extends Error {}

/** Chromium's own bound. Without one, a page of a million open tags takes the square of its length. */
const deepest = 512;

function treeOf(html: string): unknown {
  let depth = 0;
  const onItemPush = () => {
    depth += 1;
    if (depth > deepest) throw new TooDeep();
  };
  const onItemPop = () => {
    depth -= 1;
  };
  try {
    return parse(html, { treeAdapter: { ...defaultTreeAdapter, onItemPush, onItemPop } });
  } catch (error) {
    if (error instanceof TooDeep) return null;
    throw error;
  }
}
