/** The window around a page: as large as one that a person opens, and what a page is told of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright';
import { desktop, type ViewSettings } from './browser.ts';

/** What scripts of a page are told of the browser; recorded, because a page may show itself accordingly. */
export const toldToPages = `(async () => ({
  webdriver: navigator.webdriver,
  userAgent: navigator.userAgent,
  hints: await navigator.userAgentData?.getHighEntropyValues(['architecture', 'bitness', 'fullVersionList', 'model', 'platformVersion', 'wow64']) ?? null,
  window: { outer: [outerWidth, outerHeight], inner: [innerWidth, innerHeight] },
  screen: [screen.width, screen.height],
  languages: navigator.languages,
}))()`;

const mostAsked = 40;
const askAgainMs = 25;

/** Gives the page's window its bars; the page itself keeps its size. Before the page goes anywhere. */
export async function sizeWindow(
  page: Page,
  { widthPx, heightPx }: Pick<ViewSettings, 'widthPx' | 'heightPx'>,
): Promise<void> {
  const session = await page.context().newCDPSession(page);
  try {
    const { windowId } = await session.send('Browser.getWindowForTarget');
    const { bars } = desktop;
    const bounds = { width: widthPx + bars.widthPx, height: heightPx + bars.heightPx };
    await session.send('Browser.setWindowBounds', { windowId, bounds });
    // The first script of the first page must find it so already.
    for (let asked = 0; asked < mostAsked; asked += 1) {
      if ((await page.evaluate<number>('outerHeight')) === bounds.height) break;
      await sleep(askAgainMs);
    }
  } finally {
    await session.detach();
  }
}
