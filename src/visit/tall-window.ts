/**
 * Makes the window as tall as the page, so that all of it is drawn: frames of other sites and
 * `content-visibility` draw only what is in the window. What depends on the window's height grows
 * with it; then the picture would not be what a visitor sees, and the window is left as it was.
 */
import { within } from '../base/time-limit.ts';
import type { FrameWorlds } from './frame-worlds.ts';
import { drawn, inFrame } from './in-frame.ts';

export interface TallWindow {
  heightPx: number;
  /** The page's height before, in the window as it was. */
  beforePx: number;
  /** The page's height in this window. */
  pagePx: number;
  /** It is so tall for what scrolls inside the page. */
  isForInner: boolean;
}

/** A box or a frame that holds more than it shows. */
export interface HiddenPart {
  what: 'box' | 'frame';
  shownPx: number;
  ofPx: number;
}

const askLimitMs = 4_000;
const mostRounds = 3;
const tolerancePx = 2;
const probePx = 100;

function largest(parts: HiddenPart[]): HiddenPart | null {
  return parts.toSorted((a, b) => b.ofPx - b.shownPx - (a.ofPx - a.shownPx))[0] ?? null;
}

export class WindowHeight {
  readonly #worlds: FrameWorlds;
  readonly #signal: AbortSignal;
  readonly #view: { widthPx: number; heightPx: number };

  constructor(
    worlds: FrameWorlds,
    view: { widthPx: number; heightPx: number },
    signal: AbortSignal,
  ) {
    this.#worlds = worlds;
    this.#view = view;
    this.#signal = signal;
  }

  /** `fits`: there is nothing below. `depends`: the page's layout follows the window, which is as it was. */
  async raise(mostPx: number): Promise<TallWindow | 'fits' | 'depends'> {
    const beforePx = (await this.#worlds.size()).heightPx;
    const innerPx = await this.#innerNeeded();
    let heightPx = Math.min(mostPx, Math.max(beforePx, innerPx));
    if (heightPx <= this.#view.heightPx + tolerancePx) return 'fits';
    for (let round = 0; round < mostRounds; round += 1) {
      await this.#set(heightPx);
      const neededPx = Math.min(mostPx, (await this.#worlds.size()).heightPx);
      if (Math.abs(neededPx - heightPx) > tolerancePx) heightPx = Math.max(neededPx, heightPx);
      else if (await this.#isSteady(heightPx, mostPx))
        return {
          heightPx,
          beforePx,
          pagePx: (await this.#worlds.size()).heightPx,
          isForInner: innerPx > beforePx,
        };
      else break;
    }
    await this.restore();
    return 'depends';
  }

  async restore(): Promise<void> {
    await this.#set(this.#view.heightPx);
  }

  /** What holds more than it shows in the window as it is now. */
  async hidden(): Promise<HiddenPart[]> {
    const parts: HiddenPart[] = [];
    for (const world of await this.#worlds.all(this.#signal)) {
      const looked = within(askLimitMs, this.#signal, world.run<Overflow>(overflow));
      const seen = await looked.catch(() => null);
      if (seen === null) continue;
      parts.push(...seen.boxes.map((box) => ({ what: 'box' as const, ...box })));
      if (!world.isMain && seen.windowPx >= 150 && seen.pagePx > seen.windowPx * 1.1)
        parts.push({ what: 'frame', shownPx: seen.windowPx, ofPx: seen.pagePx });
    }
    return parts;
  }

  /** How tall the window must be for boxes and frames to show all that they hold; 0 where they don't follow it. */
  async #innerNeeded(): Promise<number> {
    const fromPx = this.#view.heightPx;
    const large = largest(await this.hidden());
    if (large === null || large.shownPx < fromPx * 0.3) return 0;
    await this.#set(fromPx + probePx);
    const higher = largest(await this.hidden());
    const follows = higher === null || higher.shownPx - large.shownPx >= probePx / 2;
    if (!follows) await this.restore();
    return follows ? fromPx + large.ofPx - large.shownPx : 0;
  }

  /** A page that is cut at the cap, or that just fits, may still follow the window. */
  async #isSteady(heightPx: number, mostPx: number): Promise<boolean> {
    const pagePx = (await this.#worlds.size()).heightPx;
    if (pagePx <= mostPx) return true;
    await this.#set(heightPx - 100);
    const lowerPx = (await this.#worlds.size()).heightPx;
    await this.#set(heightPx);
    return Math.abs(pagePx - lowerPx) <= tolerancePx;
  }

  async #set(heightPx: number): Promise<void> {
    const { session, main } = this.#worlds;
    await session.send('Emulation.setDeviceMetricsOverride', {
      width: this.#view.widthPx,
      height: heightPx,
      deviceScaleFactor: 1,
      mobile: false,
      screenWidth: screen.widthPx,
      screenHeight: screen.heightPx,
      screenOrientation: { angle: 0, type: 'landscapePrimary' },
    });
    await within(askLimitMs, this.#signal, main.run(drawn));
  }
}

const screen = { widthPx: 1920, heightPx: 1080 };

interface Overflow {
  windowPx: number;
  pagePx: number;
  boxes: { shownPx: number; ofPx: number }[];
}

const overflow = inFrame(`
  return {
    windowPx: innerHeight, pagePx: pageScroller ? fullHeight(pageScroller) : 0,
    boxes: boxes().slice(0, 20).map((one) => ({ shownPx: innerH(one), ofPx: fullHeight(one) })),
  };
`);
