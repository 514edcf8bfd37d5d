/**
 * Pictures of the page as it stands, taken by the protocol: they wait for no font, no picture and
 * no animation. Nothing is injected, except for the one shot that says so.
 */
import type { CDPSession, Page } from 'playwright';
import { within } from '../base/time-limit.ts';
import type { PageRecipe } from '../model/plan.ts';
import type { FrameWorlds, PageSize } from './frame-worlds.ts';
import { drawn, inFrame } from './in-frame.ts';

export interface Shot {
  role:
    | 'screenshot.viewport'
    | 'screenshot.full'
    | 'screenshot.scrolled'
    | 'screenshot.focal'
    | 'screenshot.clean';
  png: Buffer;
  /** Peculiar to this shot; the visit's common facts are added. */
  facts: Record<string, unknown>;
}

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

const shotLimitMs = 20_000;
const askLimitMs = 5_000;
/** Beyond it a picture ends to the right; the product keeps what a picture takes bounded. */
const widestPx = 4_096;
const mostPixels = 80_000_000;

/** A PNG of what the window shows, or of an area of the page that may reach beyond it. */
export async function takePicture(
  session: CDPSession,
  signal: AbortSignal,
  area: Area | null = null,
  reachesBeyond = false,
): Promise<Buffer> {
  const clip = area === null ? {} : { clip: { ...area, scale: 1 } };
  const asked = session.send('Page.captureScreenshot', {
    format: 'png',
    captureBeyondViewport: reachesBeyond,
    ...clip,
  });
  const { data } = await within(shotLimitMs, signal, asked);
  return Buffer.from(data, 'base64');
}

export async function shootViewport(worlds: FrameWorlds, signal: AbortSignal): Promise<Shot> {
  const png = await takePicture(worlds.session, signal);
  return { role: 'screenshot.viewport', png, facts: { css: 'none injected' } };
}

/** How much of a page a picture of it holds. */
export function pictureSize(
  page: PageSize,
  maxHeightPx: number,
): { width: number; height: number } {
  const width = Math.min(Math.max(page.widthPx, page.windowWidthPx), widestPx);
  const most = Math.min(maxHeightPx, Math.floor(mostPixels / width));
  return { width, height: Math.min(page.heightPx, most) };
}

/** The whole page down to the cap, in the window as it is now. `pageHeightPx` says how high it would have been. */
export async function shootFull(
  worlds: FrameWorlds,
  maxHeightPx: number,
  signal: AbortSignal,
): Promise<Shot> {
  const page = await within(askLimitMs, signal, worlds.size());
  const { width, height } = pictureSize(page, maxHeightPx);
  const fits = width <= page.windowWidthPx && height <= page.windowHeightPx;
  const area = { x: 0, y: 0, width, height };
  const png = await takePicture(worlds.session, signal, area, !fits);
  return {
    role: 'screenshot.full',
    png,
    facts: {
      css: 'none injected',
      windowHeightPx: page.windowHeightPx,
      ...cutFacts(page, { width, height }),
    },
  };
}

export function cutFacts(page: PageSize, { width, height }: { width: number; height: number }) {
  return {
    pageHeightPx: page.heightPx,
    pageWidthPx: page.widthPx,
    cappedAtPx: page.heightPx > height ? height : null,
    widthCappedAtPx: page.widthPx > width ? width : null,
  };
}

export async function shootFocal(
  page: Page,
  worlds: FrameWorlds,
  selector: string,
  signal: AbortSignal,
): Promise<Shot> {
  const area = await areaOf(page, worlds, selector, signal);
  const png = await takePicture(worlds.session, signal, area, true);
  return { role: 'screenshot.focal', png, facts: { css: 'none injected', selector } };
}

/** Of an element, in the page. @throws when it isn't shown */
async function areaOf(
  page: Page,
  worlds: FrameWorlds,
  selector: string,
  signal: AbortSignal,
): Promise<Area> {
  const element = page.locator(selector).first();
  await within(askLimitMs, signal, element.scrollIntoViewIfNeeded({ timeout: askLimitMs }));
  const box = await within(askLimitMs, signal, element.boundingBox({ timeout: askLimitMs }));
  if (box === null) throw new Error('the element is not shown');
  const { cssVisualViewport: view } = await worlds.session.send('Page.getLayoutMetrics');
  return {
    x: Math.max(0, Math.floor(box.x + view.pageX)),
    y: Math.max(0, Math.floor(box.y + view.pageY)),
    width: Math.max(1, Math.min(widestPx, Math.ceil(box.width))),
    height: Math.max(1, Math.ceil(box.height)),
  };
}

/**
 * One more picture with covers such as cookie bars hidden: of the focal element where there
 * is one, else of the viewport. Null when nothing covers the page. The style is taken away again;
 * what the page's own scripts made of it in between is not, so this is the last shot of a look.
 */
export async function shootClean(
  page: Page,
  worlds: FrameWorlds,
  { overlays, focalSelector }: PageRecipe,
  signal: AbortSignal,
): Promise<Shot | null> {
  const covering: string[] = [];
  for (const selector of overlays) {
    const seen = await page.locator(selector).filter({ visible: true }).count();
    if (seen > 0) covering.push(selector);
  }
  if (covering.length === 0) return null;
  const css = `${covering.join(',\n')} { display: none !important; }`;
  await within(askLimitMs, signal, worlds.main.run(styled(css)));
  await within(askLimitMs, signal, worlds.main.run(drawn));
  const area = focalSelector === null ? null : await areaOf(page, worlds, focalSelector, signal);
  const png = await takePicture(worlds.session, signal, area, area !== null);
  await within(askLimitMs, signal, worlds.main.run(unstyled)).catch(() => signal.throwIfAborted());
  return {
    role: 'screenshot.clean',
    png,
    facts: { css, note: 'this style was injected for this picture only' },
  };
}

/** No element is added, and no policy of the page can forbid it. */
function styled(css: string): string {
  return inFrame(`
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(${JSON.stringify(css)});
    globalThis.ourSheet = sheet;
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  `);
}

const unstyled = inFrame(
  'document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== ourSheet);',
);
