/**
 * The page as somebody who scrolls down sees it, screen after screen in one picture: nothing about
 * the window changes for it. What sticks to the window's edges is in it once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { within } from '../base/time-limit.ts';
import type { FrameWorlds, PageSize } from './frame-worlds.ts';
import { inFrame } from './in-frame.ts';
import { pngOf, rowsOf } from './png-rows.ts';
import { cutFacts, type Shot, takePicture } from './screenshots.ts';

interface Covered {
  topPx: number;
  bottomPx: number;
}

const askLimitMs = 5_000;
/** Frames of other sites take so long to notice that they are seen. */
const showsMs = 120;

export async function shootScrolled(
  worlds: FrameWorlds,
  role: 'screenshot.full' | 'screenshot.scrolled',
  maxHeightPx: number,
  signal: AbortSignal,
): Promise<Shot> {
  const page = await within(askLimitMs, signal, worlds.size());
  const height = Math.min(page.heightPx, maxHeightPx);
  const width = page.windowWidthPx;
  try {
    const png = await pngOf(width, height, screens(worlds, page, height, signal));
    const facts = {
      css: 'none injected',
      drawn: 'screen by screen',
      windowHeightPx: page.windowHeightPx,
    };
    return { role, png, facts: { ...facts, ...cutFacts(page, { width, height }) } };
  } finally {
    await within(askLimitMs, signal, worlds.main.run(scrollTo(0))).catch(() => {});
  }
}

/** Rows of the page from top to bottom. */
async function* screens(
  worlds: FrameWorlds,
  { windowHeightPx, windowWidthPx }: PageSize,
  height: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let done = 0;
  let covered: Covered = { topPx: 0, bottomPx: 0 };
  while (done < height) {
    const wanted = Math.max(0, done - covered.topPx);
    const topPx = await within(askLimitMs, signal, worlds.main.run<number>(scrollTo(wanted)));
    await sleep(showsMs, undefined, { signal });
    const { rows } = await rowsOf(await takePicture(worlds.session, signal));
    covered = await within(askLimitMs, signal, worlds.main.run<Covered>(edges));
    const isLast = topPx + windowHeightPx >= height || topPx < wanted;
    const end = Math.min(height, topPx + windowHeightPx - (isLast ? 0 : covered.bottomPx));
    for (let y = done; y < end; y += 1) yield rows[y - topPx] ?? Buffer.alloc(windowWidthPx * 3);
    // A page that does not let itself be scrolled ends here: the rest is white.
    if (end <= done) break;
    done = end;
  }
  for (; done < height; done += 1) yield Buffer.alloc(windowWidthPx * 3, 0xff);
}

function scrollTo(px: number): string {
  return inFrame(
    `scrollTo(pageScroller, { top: ${px} }); await frames(1000); return Math.round(topOf(pageScroller));`,
  );
}

/** How much of the window things that stay where they are cover above and below. */
const edges = inFrame(`
  const covered = { topPx: 0, bottomPx: 0 };
  for (const one of everyRoot().flatMap((each) => [...within(each)])) {
    const { position, visibility } = getComputedStyle(one);
    if (!/fixed|sticky/.test(position) || visibility !== 'visible') continue;
    const { top, bottom, width, height } = rectOf(one);
    if (width < innerWidth / 2 || height < 1 || height > innerHeight * 0.4) continue;
    if (top <= 1 && bottom > 0) covered.topPx = Math.max(covered.topPx, Math.ceil(bottom));
    else if (bottom >= innerHeight - 1 && top < innerHeight) covered.bottomPx = Math.max(covered.bottomPx, Math.ceil(innerHeight - top));
  }
  return covered;
`);
