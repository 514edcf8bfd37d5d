/** A picture of a self-contained page of our own making. Nothing is fetched for it. */
import type { OpenBrowser } from './browser.ts';

export interface Drawing {
  widthPx: number;
  /** Pixels of the picture for each of the page's; 1 unless told otherwise. */
  scale?: number;
  /** Ends it at once. */
  signal: AbortSignal;
}

const tallestPx = 16_000;
const limitMs = 30_000;

/**
 * A PNG as wide as asked and as high as the page needs. Every request is refused, so whatever
 * the page shows must be in it (`data:` addresses).
 */
export async function pictureOfHtml(
  browser: OpenBrowser,
  html: string,
  { widthPx, scale = 1, signal }: Drawing,
): Promise<Buffer> {
  signal.throwIfAborted();
  const context = await browser.newContext({ widthPx, heightPx: 200, scale, offline: true });
  const close = () => void context.close().catch(() => {});
  signal.addEventListener('abort', close, { once: true });
  try {
    const page = await context.newPage();
    await context.route(/^(?!data:)/, (route) => route.abort('blockedbyclient'));
    await page.setContent(html, { waitUntil: 'load', timeout: limitMs });
    const heightPx = await page.evaluate<number>('document.documentElement.scrollHeight');
    const clip = { x: 0, y: 0, width: widthPx, height: Math.min(Math.max(heightPx, 1), tallestPx) };
    return await page.screenshot({ type: 'png', fullPage: true, clip, timeout: limitMs });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', close);
    await context.close().catch(() => {});
  }
}
