/** A page that leads on by itself, as its head or its server announces (`Refresh`). */
import { open } from 'node:fs/promises';
import { readHtml } from '../links/html-tokens.ts';
import type { MainDocument } from '../recorder/page-record.ts';

export interface Refresh {
  /** Absolute. */
  url: string;
  afterMs: number;
  announcedBy: 'header' | 'page';
}

/** Whoever lets a visitor read for longer than this means the page to be read. */
const longestDelayMs = 10_000;
/** A page announces it in its head. */
const headBytes = 512 * 1024;

/** Where a document leads on soon, and to another page; `null` where it doesn't. */
export async function refreshOf(document: MainDocument): Promise<Refresh | null> {
  const refresh = inHeader(document) ?? (await inPage(document));
  if (refresh === null || refresh.afterMs > longestDelayMs) return null;
  return withoutFragment(refresh.url) === withoutFragment(document.url) ? null : refresh;
}

function inHeader({ headers, url }: MainDocument): Refresh | null {
  const value = headers.find(([name]) => name.toLowerCase() === 'refresh')?.[1];
  return value === undefined ? null : readRefresh(value, url, 'header');
}

async function inPage(document: MainDocument): Promise<Refresh | null> {
  const body = await document.body();
  if (body === null) return null;
  await using file = await open(body.path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
  return refreshInHtml(buffer.subarray(0, bytesRead).toString('latin1'), document.url);
}

/** The first that counts; what stands in `noscript` is for browsers without scripts. */
export function refreshInHtml(html: string, url: string): Refresh | null {
  let base = url;
  let found: Refresh | null = null;
  let unread = 0;
  readHtml(html, {
    open({ name, attributes }) {
      if (name === 'noscript' || name === 'template') unread += 1;
      const href = attributes.get('href') ?? '';
      if (name === 'base' && URL.canParse(href, url)) base = new URL(href, url).href;
      if (name !== 'meta' || unread > 0 || found !== null) return;
      if (!/^\s*refresh\s*$/i.test(attributes.get('http-equiv') ?? '')) return;
      found = readRefresh(attributes.get('content') ?? '', base, 'page');
    },
    close(name) {
      if (name === 'noscript' || name === 'template') unread = Math.max(0, unread - 1);
    },
    text() {},
  });
  return found;
}

/** `5; url='next.html'` (HTML, "shared declarative refresh steps"); without an address it is the page itself. */
function readRefresh(
  value: string,
  base: string,
  announcedBy: Refresh['announcedBy'],
): Refresh | null {
  const [, seconds, rest = ''] = /^\s*(\d*)(?:\.[\d.]*)?(?:\s*[;,\s]\s*(.*))?$/s.exec(value) ?? [];
  if (seconds === undefined || (seconds === '' && !value.trim().startsWith('.'))) return null;
  const [, quote = '', named = ''] = /^(?:url\s*=\s*)?(["']?)(.*)$/is.exec(rest.trim()) ?? [];
  const address = quote === '' ? named : (named.split(quote)[0] ?? '');
  if (!URL.canParse(address.trim(), base)) return null;
  const url = new URL(address.trim(), base);
  if (!/^https?:$/.test(url.protocol)) return null;
  return { url: url.href, afterMs: Number(seconds) * 1000, announcedBy };
}

function withoutFragment(url: string): string {
  return url.replace(/#.*$/s, '');
}
