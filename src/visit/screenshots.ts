/** Pictures of the page as it stands. Nothing is injected, except for the one shot that says so. */
import type { Page } from 'playwright';
import type { PageRecipe } from '../model/plan.ts';

/** Pictures are PNG; animations and caret stay as they are, because hiding them takes injected CSS. */
const untouched = { animations: 'allow', caret: 'initial', scale: 'device', type: 'png' } as const;
const shotLimitMs = 20_000;

export interface Shot {
  role: 'screenshot.viewport' | 'screenshot.full' | 'screenshot.focal' | 'screenshot.clean';
  png: Buffer;
  /** Peculiar to this shot; the visit's common facts are added. */
  facts: Record<string, unknown>;
}

export async function shootViewport(page: Page): Promise<Shot> {
  const png = await page.screenshot({ ...untouched, timeout: shotLimitMs });
  return { role: 'screenshot.viewport', png, facts: { css: 'none injected' } };
}

/** The whole page down to the cap. `pageHeightPx` says how high it would have been. */
export async function shootFull(page: Page, maxHeightPx: number): Promise<Shot> {
  const [width, pageHeightPx] = await page.evaluate<[number, number]>(pageSize);
  const height = Math.min(pageHeightPx, maxHeightPx);
  const png = await page.screenshot({
    ...untouched,
    fullPage: true,
    clip: { x: 0, y: 0, width, height },
    timeout: shotLimitMs,
  });
  return {
    role: 'screenshot.full',
    png,
    facts: {
      css: 'none injected',
      pageHeightPx,
      cappedAtPx: pageHeightPx > maxHeightPx ? maxHeightPx : null,
    },
  };
}

const pageSize = `(() => {
  const root = document.scrollingElement ?? document.documentElement;
  return [root.clientWidth, Math.max(root.scrollHeight, 1)];
})()`;

export async function shootFocal(page: Page, selector: string): Promise<Shot> {
  const png = await page
    .locator(selector)
    .first()
    .screenshot({ ...untouched, timeout: shotLimitMs });
  return { role: 'screenshot.focal', png, facts: { css: 'none injected', selector } };
}

/**
 * One more picture with covers such as cookie bars hidden: of the focal element where there
 * is one, else of the viewport. Null when nothing covers the page. Must be the last shot, because
 * from here on the page has a style that it didn't bring.
 */
export async function shootClean(
  page: Page,
  { overlays, focalSelector }: PageRecipe,
): Promise<Shot | null> {
  const covering: string[] = [];
  for (const selector of overlays) {
    const seen = await page.locator(selector).filter({ visible: true }).count();
    if (seen > 0) covering.push(selector);
  }
  if (covering.length === 0) return null;
  const css = `${covering.join(',\n')} { display: none !important; }`;
  const options = { ...untouched, style: css, timeout: shotLimitMs };
  const png =
    focalSelector === null
      ? await page.screenshot(options)
      : await page.locator(focalSelector).first().screenshot(options);
  return {
    role: 'screenshot.clean',
    png,
    facts: { css, note: 'this style was injected for this picture only' },
  };
}

/** Width and height of a PNG, from its header. */
export function pngSize(png: Buffer): { width: number; height: number } {
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}
