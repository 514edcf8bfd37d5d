/**
 * The hand of a visitor: finds what is visible and moves, presses and turns as a mouse does. What the
 * page sees are real input events; what we read of it is read in worlds that it has no part in.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame, Locator, Page } from 'playwright';
import { within } from '../../base/time-limit.ts';
import type { ActionReason, ActionTarget } from '../../model/actions.ts';
import type { FrameWorlds } from '../frame-worlds.ts';
import { inFrame } from '../in-frame.ts';
import { type Traffic, untilQuiet } from '../traffic.ts';

/** Why an action did not come about; stays within the visit. */
export class ActionFailure extends Error {
  readonly reason: ActionReason;

  constructor(reason: ActionReason) {
    super(reason);
    this.reason = reason;
  }
}

export interface HandParts {
  page: Page;
  worlds: FrameWorlds;
  traffic: Traffic;
  signal: AbortSignal;
}

const askLimitMs = 2_000;
const pollMs = 150;
const mostFrames = 40;
const afterClickMs = 500;
const longestQuietMs = 4_000;

export class Hand {
  readonly #parts: HandParts;

  constructor(parts: HandParts) {
    this.#parts = parts;
  }

  /**
   * The first that is visible, in any frame, the page's own first.
   * @param like what was found before: only what is named in the same way @throws ActionFailure
   */
  async find(target: ActionTarget, untilMs: number, like: Found | null = null): Promise<Found> {
    await this.#refuseBadSelector(target);
    for (;;) {
      const found = await this.#seen(target, like?.way ?? null);
      if (found !== null) return found;
      if (performance.now() >= untilMs) throw new ActionFailure('not-found');
      await this.pause(pollMs);
    }
  }

  /** @throws ActionFailure `not-found`, `not-clickable` */
  async click(target: ActionTarget, untilMs: number): Promise<void> {
    await this.press(await this.find(target, untilMs), untilMs);
  }

  /** @throws ActionFailure `not-clickable` */
  async press({ element }: Found, untilMs: number): Promise<void> {
    const timeout = Math.max(1_000, untilMs - performance.now());
    try {
      await within(timeout + askLimitMs, this.#parts.signal, element.click({ timeout }));
    } catch {
      this.#parts.signal.throwIfAborted();
      throw new ActionFailure('not-clickable');
    }
    await this.rest(untilMs);
  }

  /** For what a click brings. A page that asks without end is not waited for long. */
  async rest(untilMs: number): Promise<void> {
    const { traffic, signal } = this.#parts;
    const limit = Math.min(untilMs, performance.now() + longestQuietMs);
    await this.pause(pollMs);
    await untilQuiet(traffic, afterClickMs, limit, signal);
  }

  /** For what has the focus. */
  async pressSpace(): Promise<void> {
    const { page, signal } = this.#parts;
    await within(askLimitMs, signal, page.keyboard.press('Space')).catch(() => {
      signal.throwIfAborted();
      throw new ActionFailure('unresponsive');
    });
  }

  pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#parts.signal });
  }

  /** Turns the wheel over the right edge, where little lies that takes it for itself. */
  async wheel(deltaPx: number): Promise<void> {
    const { page, worlds, signal } = this.#parts;
    const { windowWidthPx, windowHeightPx } = await within(askLimitMs, signal, worlds.size());
    const turned = async () => {
      await page.mouse.move(windowWidthPx - 24, Math.round(windowHeightPx / 2));
      await page.mouse.wheel(0, deltaPx);
    };
    await within(askLimitMs, signal, turned());
    await this.pause(2 * pollMs);
  }

  async bringIntoView({ element }: Found, untilMs: number): Promise<void> {
    const timeout = Math.max(1_000, untilMs - performance.now());
    const brought = element.scrollIntoViewIfNeeded({ timeout });
    await within(timeout + askLimitMs, this.#parts.signal, brought).catch(() => {
      this.#parts.signal.throwIfAborted();
      throw new ActionFailure('timed-out');
    });
  }

  /** Whether any of it is within the window, as the browser lays it out. */
  async isInView({ element }: Found): Promise<boolean> {
    const { windowPx } = await this.measure();
    const asked = within(askLimitMs, this.#parts.signal, element.boundingBox());
    const box = await asked.catch(() => null);
    this.#parts.signal.throwIfAborted();
    return box !== null && box.y < windowPx && box.y + box.height > 0;
  }

  /** Where the page stands and how much of it there is, as our world of it says. */
  async measure(): Promise<Measured> {
    const { worlds, signal } = this.#parts;
    return within(askLimitMs, signal, worlds.main.run<Measured>(measure)).catch(() => {
      signal.throwIfAborted();
      throw new ActionFailure('unresponsive');
    });
  }

  /** Whether a video or sound plays in any frame. */
  async isPlaying(): Promise<boolean> {
    const { worlds, signal } = this.#parts;
    for (const world of await worlds.all(signal)) {
      const playing = within(askLimitMs, signal, world.run<unknown>(isPlaying));
      if ((await playing.catch(() => false)) === true) return true;
    }
    signal.throwIfAborted();
    return false;
  }

  async #seen(target: ActionTarget, wanted: number | null): Promise<Found | null> {
    const { page, signal } = this.#parts;
    for (const frame of page.frames().slice(0, mostFrames)) {
      for (const [way, named] of namedIn(frame, target).entries()) {
        if (wanted !== null && way !== wanted) continue;
        const visible = named.filter({ visible: true });
        const count = await within(askLimitMs, signal, visible.count()).catch(() => 0);
        signal.throwIfAborted();
        if (count > 0) return { element: visible.first(), way };
      }
    }
    return null;
  }

  /** A selector that no browser reads would look like something that is not there. */
  async #refuseBadSelector({ selector }: ActionTarget): Promise<void> {
    if (selector === undefined) return;
    const { worlds, signal } = this.#parts;
    const read = worlds.main.run<boolean>(readsSelector(selector));
    const isRead = await within(askLimitMs, signal, read).catch(() => true); // a busy page
    signal.throwIfAborted();
    if (!isRead) throw new ActionFailure('bad-selector');
  }
}

export interface Found {
  element: Locator;
  /** Which of the ways to be named so. */
  way: number;
}

/** Words name a button or a link before any text, and what says just them before what says more. */
function namedIn(frame: Frame, { selector, text }: ActionTarget): Locator[] {
  if (selector !== undefined) return [frame.locator(`css=${selector}`)];
  const name = text ?? '';
  return [
    frame.getByRole('button', { name }),
    frame.getByRole('link', { name }),
    frame.getByText(name, { exact: true }),
    frame.getByText(name),
  ];
}

export interface Measured {
  topPx: number;
  fullPx: number;
  windowPx: number;
  elements: number;
}

const measure = inFrame(`return {
  topPx: pageScroller ? topOf(pageScroller) : 0, fullPx: pageScroller ? fullHeight(pageScroller) : 0,
  windowPx: innerHeight, elements: within(document).length,
};`);

const isPlaying = inFrame(`
  const [paused, time, ended] = ['paused', 'currentTime', 'ended'].map((name) => getter(HTMLMediaElement, name));
  return everyRoot().flatMap((one) => [...within(one)]).some((one) => one instanceof HTMLMediaElement && !paused(one) && !ended(one) && time(one) > 0);
`);

function readsSelector(selector: string): string {
  return inFrame(`
    try { DocumentFragment.prototype.querySelector.call(new DocumentFragment(), ${JSON.stringify(selector)}); return true; }
    catch { return false; }
  `);
}
