/**
 * Scrolls through a page as a person does: a screen at a time, by wheel, staying long enough for
 * what loads late (200 ms after the last scroll event, at most every 300 ms, when seen for a while).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession } from 'playwright';
import { within } from '../../base/time-limit.ts';
import type { FrameWorld, FrameWorlds } from '../frame-worlds.ts';
import { inFrame, readingText } from '../in-frame.ts';
import { type Traffic, untilQuiet } from '../traffic.ts';

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
  /** Of a page that does not scroll itself: how many boxes are left that do. */
  besides: number;
  /** Where the pointer is put. */
  x: number;
  y: number;
}

const stepShare = 0.9;
const stayMs = 320;
/** For what a turn of the wheel brings. */
const turnedMs = 150;
/** For a page to let go of the last turn. */
const turnLimitMs = 1_000;
const answerLimitMs = 3_000;
/** Of a screen, between two frames: what watches for a thin band of the window sees all of it pass. */
const hopShare = 0.05;
const glideLimitMs = 800;
/** For more to come where the end was reached. */
const growthLimitMs = 2_500;
const wheelPx = 40;
const smallFrame = 0.3;
/** A list, what it leads to, a conversation: more panes than that no page has. */
const mostBesides = 3;

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
    const lines = new Set(await walk.back());
    for (let place = 1; place <= Math.min(begun.besides, mostBesides); place += 1) {
      const beside = await ask<Begun>(world, begin(place), options.signal);
      await walk.go(beside);
      for (const line of await walk.back()) lines.add(line);
    }
    return { scrolled, lines: [...lines] };
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
  const main = await ask<Begun>(worlds.main, begin(0), signal);
  const size = await within(answerLimitMs, signal, worlds.size());
  let best = { world: worlds.main, begun: main };
  if (main.fullPx > main.heightPx * 1.5) return best;
  for (const world of await worlds.all(signal)) {
    if (world.isMain) continue;
    const begun = await ask<Begun>(world, begin(0), signal).catch(() => null);
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
  #turned: Promise<unknown> = Promise.resolve();

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
    const { signal } = this.#options;
    const step = await ask<[number, number]>(this.#world, stepTo(target), signal);
    await sleep(stayMs, undefined, { signal });
    // Later, so that what heeds one event in 300 ms heeds this one; upwards at the end, where there is no more below.
    this.#turnWheel(x, y, step[0] < step[1] ? wheelPx : -wheelPx);
    await sleep(turnedMs, undefined, { signal });
    return step;
  }

  /** Nobody waits for it but the way back: a page may be slow to let go of an event. */
  #turnWheel(x: number, y: number, deltaY: number): void {
    const at = { x, y: y + (Math.round(performance.now()) % 7) };
    this.#turned = this.#session
      .send('Input.dispatchMouseEvent', { type: 'mouseMoved', ...at })
      .then(() =>
        this.#session.send('Input.dispatchMouseEvent', {
          type: 'mouseWheel',
          ...at,
          deltaX: 0,
          deltaY,
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
    await within(turnLimitMs, this.#options.signal, this.#turned).catch(() => {});
    return ask<string[]>(this.#world, goBack, this.#options.signal).catch(() => []);
  }
}

function ask<Value>(world: FrameWorld, script: string, signal: AbortSignal): Promise<Value> {
  return within(answerLimitMs, signal, world.run<Value>(script));
}

const mostLines = 20_000;

/** Chooses what to scroll and remembers it in our world of the frame; where the page does not, the boxes in turn, the largest first. */
function begin(place: number): string {
  return inFrame(`
    let chosen = pageScroller, besides = 0;
    if (fullHeight(chosen) < innerHeight * 1.5) {
      const panes = boxes().filter((one) => innerH(one) >= innerHeight * 0.3);
      const large = panes.filter((one) => innerW(one) >= innerWidth * 0.3).sort((a, b) => area(b) - area(a));
      if (large.length > 0) {
        const all = [large[0], ...panes.filter((one) => one !== large[0]).sort((a, b) => area(b) - area(a))];
        chosen = all[${place}] ?? all[0];
        besides = all.length - 1;
      }
    }
    const rect = chosen === pageScroller ? { x: 0, y: 0, width: innerWidth, height: innerHeight } : rectOf(chosen);
    globalThis.walk = { chosen, startPx: chosen ? topOf(chosen) : 0, lines: new Set(), isCostly: false };
    return {
      of: chosen === pageScroller ? 'page' : 'box', besides,
      heightPx: chosen === pageScroller ? innerHeight : innerH(chosen), fullPx: chosen ? fullHeight(chosen) : 0,
      x: Math.round(chosen === pageScroller ? rect.width - 24 : rect.x + rect.width / 2), y: Math.round(rect.y + rect.height / 2),
    };
  `);
}

/** Glides there, as a wheel does. Frames are when scroll events and observers run; a busy page may take long over two. */
function stepTo(px: number): string {
  return inFrame(`
    ${readingText}
    const { chosen, lines } = walk;
    const heightPx = chosen === pageScroller ? innerHeight : innerH(chosen);
    const untilMs = performance.now() + ${glideLimitMs};
    for (let at = topOf(chosen) + heightPx * ${hopShare}; at < ${px} && performance.now() < untilMs; at += heightPx * ${hopShare}) {
      scrollTo(chosen, { top: at });
      await frame(100);
    }
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

/** What the last turn of the wheel still moves does not come after it. */
const goBack = inFrame(`
  for (let turn = 0; turn < 6; turn += 1) {
    scrollTo(walk.chosen, { top: walk.startPx });
    await frames(100);
  }
  return [...walk.lines];
`);
