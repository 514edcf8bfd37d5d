/**
 * Pages that do not scroll and go on all the same: the wheel moves the next slide into the window,
 * which loads what it holds only then. Each is looked at, and the first is in the window again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { within } from '../../base/time-limit.ts';
import type { FrameWorlds } from '../frame-worlds.ts';
import { inFrame } from '../in-frame.ts';
import { pngOf, pngSize, rowsOf } from '../png-rows.ts';
import { type Shot, takePicture } from '../screenshots.ts';

export interface Slides {
  /** Of the window, one a slide. */
  pngs: Buffer[];
  /** False: there were more. */
  isAll: boolean;
}

interface TurnOptions {
  /** Time of `performance.now()` at which it ends, wherever it is. */
  untilMs: number;
  signal: AbortSignal;
}

const mostSlides = 12;
const askLimitMs = 3_000;
/** One notch of a wheel. */
const notchPx = 120;
/** For a slide to move in, and for what waits a second before it takes the next turn. */
const slideMs = 1_200;

/** Null: the page does not go on. */
export async function turnThrough(
  worlds: FrameWorlds,
  options: TurnOptions,
): Promise<Slides | null> {
  const { signal, untilMs } = options;
  try {
    let place = await within(askLimitMs, signal, worlds.main.run<string>(placeOfSlides));
    if (place === '') return null;
    const slides: Slides = { pngs: [await takePicture(worlds.session, signal)], isAll: true };
    for (;;) {
      const next = await turnWheel(worlds, notchPx, signal);
      if (next === place) break;
      place = next;
      slides.pngs.push(await takePicture(worlds.session, signal));
      // The way back takes as long as the way there.
      const isLate = performance.now() + slides.pngs.length * slideMs >= untilMs;
      if (slides.pngs.length < mostSlides && !isLate) continue;
      slides.isAll = false;
      break;
    }
    for (let turn = 1; turn < slides.pngs.length; turn += 1)
      await turnWheel(worlds, -notchPx, signal);
    return slides.pngs.length > 1 ? slides : null;
  } catch {
    signal.throwIfAborted();
    return null; // a page that is too busy for it
  }
}

/** @returns where the slides are then */
async function turnWheel(
  worlds: FrameWorlds,
  deltaY: number,
  signal: AbortSignal,
): Promise<string> {
  const { windowWidthPx, windowHeightPx } = await within(askLimitMs, signal, worlds.size());
  const at = { x: Math.round(windowWidthPx / 2), y: Math.round(windowHeightPx / 2) };
  const turned = worlds.session.send('Input.dispatchMouseEvent', {
    type: 'mouseWheel',
    ...at,
    deltaX: 0,
    deltaY,
  });
  await within(askLimitMs, signal, turned);
  await sleep(slideMs, undefined, { signal });
  return within(askLimitMs, signal, worlds.main.run<string>(placeOfSlides));
}

/** Tops of what is as large as half the window, in a window that lets nothing be scrolled; empty where nothing lies beyond it. */
const placeOfSlides = inFrame(`
  const isHeld = [root, bodyOf(document)].some((one) => one && /hidden|clip/.test(getComputedStyle(one).overflowY));
  if (!isHeld || boxes().some((one) => area(one) > innerWidth * innerHeight * 0.3)) return '';
  const all = everyRoot().flatMap((one) => [...within(one)]).slice(0, 5000).filter((one) => one.checkVisibility()).map(rectOf);
  const large = all.filter(({ width, height }) => width > innerWidth / 2 && height > innerHeight / 2).slice(0, 100);
  const isBeyond = large.some(({ top, bottom }) => top >= innerHeight - 2 || bottom <= 2);
  return isBeyond ? large.map(({ top }) => Math.round(top)).join() : '';
`);

/** One picture of all of them, the first on top. */
export async function slidesBelowOneAnother({ pngs }: Slides): Promise<Shot> {
  const { width, height } = pngSize(pngs[0] ?? Buffer.alloc(32));
  async function* rows(): AsyncGenerator<Buffer> {
    for (const png of pngs) yield* (await rowsOf(png)).rows;
  }
  const png = await pngOf(width, height * pngs.length, rows());
  const facts = { css: 'none injected', drawn: 'slide by slide, by wheel', slides: pngs.length };
  return { role: 'screenshot.scrolled', png, facts };
}
