/**
 * Scrolls through a page as a person does: a screen at a time, by wheel, staying long enough for
 * what loads late (200 ms after the last scroll event, at most every 300 ms, when seen for a while).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession } from 'playwright';
import { within } from '../base/time-limit.ts';
import type { FrameWorld, FrameWorlds } from './frame-worlds.ts';
import { inFrame, readingText } from './in-frame.ts';
import { type Traffic, untilQuiet } from './traffic.ts';

export interface ScrollOptions {
  /** Time of `performance.now()` at which it ends, wherever it is. */
  untilMs: number;
  settleMs: number;
  maxHeightPx: number;
  signal: AbortSignal;
}

/** How far it came, and why no farther. Part of the manifest. */
export interface Scrolled {
  /** What was scrolled: the page, or the largest box or frame in a page that does not scroll itself. */
  of: 'page' | 'box' | 'frame' | 'nothing';
  toPx: number;
  ofPx: number;
  screens: number;
  /** `stuck`: the page did not let itself be scrolled farther. */
  ended: 'end' | 'height-limit' | 'time-limit' | 'stuck' | 'unresponsive';
}

export interface Walk {
  scrolled: Scrolled;
  /** Lines that were seen on the way and may be gone by the end. */
  lines: string[];
}

interface Begun {
  of: Exclude<Scrolled['of'], 'nothing'>;
  heightPx: number;
  fullPx: number;
  /** Where the pointer is put. */
  x: number;
  y: number;
}

const stepShare = 0.9;
const stayMs = 300;
const answerLimitMs = 3_000;
/** For more to come where the end was reached. */
const growthLimitMs = 2_500;
const wheelPx = 40;
const smallFrame = 0.3;

export async function scrollThrough(
  worlds: FrameWorlds,
  traffic: Traffic,
  options: ScrollOptions,
): Promise<Walk> {
  const nothing: Scrolled = { of: 'nothing', toPx: 0, ofPx: 0, screens: 0, ended: 'end' };
  try {
    const { world, begun } = await whatScrolls(worlds, options.signal);
    const walk = new Walking(worlds.session, world, traffic, options);
    const scrolled = await walk.go({ ...begun, of: world.isMain ? begun.of : 'frame' });
    return { scrolled, lines: await walk.back() };
  } catch {
    options.signal.throwIfAborted(); // otherwise: a page that is too busy to scroll; what it shows is kept as it is
    return { scrolled: { ...nothing, ended: 'unresponsive' }, lines: [] };
  }
}

/** The page; where it hardly scrolls, the largest frame that does. */
async function whatScrolls(
  worlds: FrameWorlds,
  signal: AbortSignal,
): Promise<{ world: FrameWorld; begun: Begun }> {
  const main = await ask<Begun>(worlds.main, begin, signal);
  const size = await within(answerLimitMs, signal, worlds.size());
  let best = { world: worlds.main, begun: main };
  if (main.fullPx > main.heightPx * 1.5) return best;
  for (const world of await worlds.all(signal)) {
    if (world.isMain) continue;
    const begun = await ask<Begun>(world, begin, signal).catch(() => null);
    if (begun === null || begun.heightPx < size.windowHeightPx * smallFrame) continue;
    if (begun.fullPx - begun.heightPx > best.begun.fullPx - best.begun.heightPx) {
      const { x, y } = main;
      best = { world, begun: { ...begun, x, y } };
    }
  }
  return best;
}

class Walking {
  readonly #session: CDPSession;
  readonly #world: FrameWorld;
  readonly #traffic: Traffic;
  readonly #options: ScrollOptions;

  constructor(session: CDPSession, world: FrameWorld, traffic: Traffic, options: ScrollOptions) {
    this.#session = session;
    this.#world = world;
    this.#traffic = traffic;
    this.#options = options;
  }

  async go(begun: Begun): Promise<Scrolled> {
    const { of, heightPx } = begun;
    let [toPx, ofPx, screens] = [heightPx, begun.fullPx, 0];
    let ended: Scrolled['ended'] = 'end';
    while (toPx < ofPx || (await this.#growsBeyond(ofPx))) {
      if (toPx >= this.#options.maxHeightPx) ended = 'height-limit';
      else if (performance.now() >= this.#options.untilMs) ended = 'time-limit';
      if (ended !== 'end') break;
      const target = Math.round(toPx - heightPx * (1 - stepShare));
      const step = await this.#step(target, begun).catch(() => null);
      this.#options.signal.throwIfAborted();
      if (step === null) ended = 'unresponsive';
      else if (step[0] <= toPx && step[0] < step[1]) ended = 'stuck';
      if (step !== null) [toPx, ofPx, screens] = [Math.max(toPx, step[0]), step[1], screens + 1];
      if (ended !== 'end') break;
    }
    const isStill = screens === 0 && ended === 'end';
    return { of: isStill ? 'nothing' : of, toPx, ofPx, screens, ended };
  }

  async #step(target: number, { x, y }: Begun): Promise<[toPx: number, ofPx: number]> {
    const step = await ask<[number, number]>(this.#world, stepTo(target), this.#options.signal);
    // After the jump, so that what looks only at the first of many events looks from here.
    this.#turnWheel(x, y);
    await sleep(stayMs, undefined, { signal: this.#options.signal });
    return step;
  }

  /** Nobody waits for it: a page may be slow to let go of an event. */
  #turnWheel(x: number, y: number): void {
    const at = { x, y: y + (Math.round(performance.now()) % 7) };
    this.#session
      .send('Input.dispatchMouseEvent', { type: 'mouseMoved', ...at })
      .then(() =>
        this.#session.send('Input.dispatchMouseEvent', {
          type: 'mouseWheel',
          ...at,
          deltaX: 0,
          deltaY: wheelPx,
        }),
      )
      .catch(() => {});
  }

  /** What has no end grows only once its end was seen, so the end is given a moment before it counts. */
  async #growsBeyond(endPx: number): Promise<boolean> {
    const { settleMs, signal, untilMs } = this.#options;
    const limit = Math.min(untilMs, performance.now() + growthLimitMs);
    await untilQuiet(this.#traffic, Math.min(settleMs, 500), limit, signal);
    return (await ask<number>(this.#world, fullHeightNow, signal).catch(() => 0)) > endPx;
  }

  /** To where it began; gives the lines that were seen. */
  async back(): Promise<string[]> {
    return ask<string[]>(this.#world, goBack, this.#options.signal).catch(() => []);
  }
}

function ask<Value>(world: FrameWorld, script: string, signal: AbortSignal): Promise<Value> {
  return within(answerLimitMs, signal, world.run<Value>(script));
}

const sidewaysLimitMs = 8_000;
const mostSideways = 12;
const mostLines = 20_000;

/** Chooses what to scroll and remembers it in our world of the frame. */
const begin = inFrame(`
  let chosen = pageScroller;
  if (fullHeight(chosen) < innerHeight * 1.5) {
    const large = boxes().filter((one) => innerH(one) >= innerHeight * 0.3 && innerW(one) >= innerWidth * 0.3);
    const widest = large.sort((a, b) => area(b) - area(a))[0];
    if (widest) chosen = widest;
  }
  const rect = chosen === pageScroller ? { x: 0, y: 0, width: innerWidth, height: innerHeight } : rectOf(chosen);
  globalThis.walk = { chosen, startPx: chosen ? topOf(chosen) : 0, lines: new Set(), isCostly: false };
  return {
    of: chosen === pageScroller ? 'page' : 'box',
    heightPx: chosen === pageScroller ? innerHeight : innerH(chosen), fullPx: chosen ? fullHeight(chosen) : 0,
    x: Math.round(chosen === pageScroller ? rect.width - 24 : rect.x + rect.width / 2), y: Math.round(rect.y + rect.height / 2),
  };
`);

/** Frames are when scroll events and observers run; a busy page may take long over two. */
function stepTo(px: number): string {
  return inFrame(`
    ${readingText}
    const { chosen, lines } = walk;
    const heightPx = chosen === pageScroller ? innerHeight : innerH(chosen);
    scrollTo(chosen, { top: ${px} });
    await frames(1000);
    if (!walk.isCostly && lines.size < ${mostLines}) {
      const startedAt = performance.now();
      for (const line of textOf().split('\\n')) if (line.trim() !== '') lines.add(line.trim().slice(0, 2000));
      walk.isCostly = performance.now() - startedAt > 80;
    }
    return [Math.ceil(topOf(chosen) + heightPx), fullHeight(chosen)];
  `);
}

const fullHeightNow = inFrame('return fullHeight(walk.chosen);');

const goBack = inFrame(`
  scrollTo(walk.chosen, { top: walk.startPx });
  return [...walk.lines];
`);

/** Walks carousels and other boxes that scroll sideways, all at once; says how many there are. */
export function scrollSideways(worlds: FrameWorlds, signal: AbortSignal): Promise<number> {
  return within(sidewaysLimitMs, signal, worlds.main.run<number>(walkSideways)).catch(() => {
    signal.throwIfAborted();
    return 0;
  });
}

const walkSideways = inFrame(`
  const found = everyRoot().flatMap((one) => [...within(one)]).filter((one) =>
    one !== pageScroller && one !== bodyOf(document) && innerW(one) >= 200 && innerH(one) >= 80 &&
    fullWidth(one) > innerW(one) * 1.2 && scrolls(one, 'overflowX')).slice(0, ${mostSideways});
  const starts = found.map(leftOf);
  for (let step = 0; step < 12; step += 1) {
    const left = found.filter((one) => Math.ceil(leftOf(one) + innerW(one)) < fullWidth(one));
    if (left.length === 0) break;
    for (const one of left) scrollTo(one, { left: leftOf(one) + innerW(one) });
    await new Promise((done) => setTimeout(done, 250));
  }
  found.forEach((one, index) => scrollTo(one, { left: starts[index] }));
  return found.length;
`);
