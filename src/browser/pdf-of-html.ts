/** A page of our own making on paper (A4, PDF), with the files that it shows. Nothing is fetched for it. */
import type { Route } from 'playwright';
import type { OpenBrowser } from './browser.ts';

export interface PrintedPage {
  html: string;
  /** A file that the page names by a relative address; `null`: there is none. */
  open(path: string): Promise<Buffer | null>;
  /** At the foot of every page, beside its number. */
  footer: string;
}

/** An origin of its own, so that relative addresses lead to the given files and nowhere else. */
const origin = 'https://printed.invalid';
const limitMs = 120_000;

/** @throws the signal's reason; what the browser throws */
export async function pdfOfHtml(
  browser: OpenBrowser,
  page: PrintedPage,
  signal: AbortSignal,
): Promise<Buffer> {
  signal.throwIfAborted();
  const context = await browser.newContext({ widthPx: 794, heightPx: 1123, offline: true });
  const close = () => void context.close().catch(() => {});
  signal.addEventListener('abort', close, { once: true });
  try {
    const tab = await context.newPage();
    await context.route('**/*', (route) => answer(route, page));
    await tab.goto(`${origin}/`, { waitUntil: 'load', timeout: limitMs });
    return await tab.pdf({
      format: 'A4',
      preferCSSPageSize: true,
      printBackground: true,
      displayHeaderFooter: true,
      headerTemplate: '<span></span>',
      footerTemplate: footer(page.footer),
      outline: true,
      tagged: true,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', close);
    await context.close().catch(() => {});
  }
}

async function answer(route: Route, { html, open }: PrintedPage): Promise<void> {
  const url = new URL(route.request().url());
  if (url.origin !== origin) return route.abort('blockedbyclient');
  if (url.pathname === '/')
    return route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' });
  const bytes = await open(decodeURIComponent(url.pathname.slice(1))).catch(() => null);
  return bytes === null ? route.abort('failed') : route.fulfill({ body: bytes });
}

function footer(words: string): string {
  const said = words.replace(/[^\p{L}\p{N} .:,_-]/gu, '');
  return (
    '<div style="font-size:7pt;width:100%;padding:0 15mm;display:flex;justify-content:space-between">' +
    `<span>${said}</span><span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>`
  );
}
