/** Visits one page and keeps what it showed: every exchange, HTML, DOM, text, pictures, and which media are in it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext } from 'playwright';
import { PermanentError, TransientError } from '../base/errors.ts';
import type { Reason } from '../base/reasons.ts';
import { within } from '../base/time-limit.ts';
import { viewDefaults } from '../browser/browser.ts';
import type { ProgramDigests } from '../browser/browser-programs.ts';
import { sizeWindow } from '../browser/page-window.ts';
import { actionsLimitMs } from '../model/actions.ts';
import type { PageRecipe } from '../model/plan.ts';
import type { PageRecord } from '../recorder/page-record.ts';
import { notBegun } from './actions/look-again.ts';
import { LookAtPage } from './look-at-page.ts';
import { PageEvents } from './page-events.ts';
import {
  type CaptureDeps,
  type CaptureOptions,
  emptyVisit,
  type PageVisit,
  type VisitInHand,
} from './page-visit.ts';
import { storeAsSent } from './received.ts';
import { VisitArtifacts, viewport } from './visit-artifacts.ts';
import { storeVisitRecord } from './visit-record.ts';

export type { CaptureDeps, CaptureOptions, PageVisit } from './page-visit.ts';

/** For pictures, DOM and text after the cut: a page may keep its renderer busy without end. */
const keepingLimitMs = 90_000;
/** Of a context whose page does not answer; it ends with its browser at the latest. */
const closeLimitMs = 2_000;
/** For media that are fetched again. */
const refetchLimitMs = 90_000;

/**
 * Never throws for what a page does: that is the visit's state, reason and notes. Throws when
 * aborted, when the vault can't keep, and when the browser itself is gone.
 */
export async function visitPage(
  deps: CaptureDeps,
  recipe: PageRecipe,
  options: CaptureOptions,
  signal: AbortSignal,
): Promise<PageVisit> {
  signal.throwIfAborted();
  try {
    const { storageState } = options;
    const settings = { ...viewport, ...(storageState === undefined ? {} : { storageState }) };
    return await visitIn(await deps.browser.newContext(settings), deps, recipe, options, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(await deps.browser.hasEnded())) throw error;
    const limit = deps.browser.limitReached();
    if (limit !== null)
      throw new PermanentError(limit, 'the page wanted more of this machine than it may', {
        cause: error,
      });
    throw new TransientError('browser-crashed', 'the browser ended during a visit', {
      cause: error,
    });
  }
}

async function visitIn(
  context: BrowserContext,
  deps: CaptureDeps,
  recipe: PageRecipe,
  options: CaptureOptions,
  signal: AbortSignal,
): Promise<PageVisit> {
  let visit: Visit;
  try {
    const page = await context.newPage();
    await sizeWindow(page, viewport).catch(() => {}); // what it became is recorded
    const record = await deps.recorder.watch(page, recipe.view);
    visit = new Visit({ deps, recipe, options, page, record, signal });
    await visit.run();
  } finally {
    await within(closeLimitMs, new AbortController().signal, context.close()).catch(() => {});
  }
  return visit.end();
}

/** A page that does not answer for so long is busy without end. */
const answerLimitMs = 8_000;

/** One visit in the making: what is kept so far, and what the page has done. */
class Visit {
  readonly #inHand: VisitInHand;
  readonly #looking: LookAtPage;
  readonly #signal: AbortSignal;
  /** Aborts when nobody waits any more for looks at the page. */
  readonly #looked = new AbortController();
  /** Resolves when there is no page any more to look at. */
  readonly #gone: Promise<void>;
  #hasCrashed = false;
  #programs: ProgramDigests = {};
  #certificates: Awaited<ReturnType<PageRecord['certificates']>> = [];

  constructor(given: Omit<VisitInHand, 'events' | 'artifacts' | 'visit'>) {
    const { deps, recipe, options, page } = given;
    this.#signal = given.signal;
    const signal = AbortSignal.any([given.signal, this.#looked.signal]);
    const events = new PageEvents(page);
    const note = events.note.bind(events);
    const artifacts = new VisitArtifacts(recipe.view, deps.vault, note, signal, labelOf(options));
    const visit = emptyVisit(recipe, artifacts.artifacts, events.notes);
    if (options.actions !== undefined) visit.facts.actions = notBegun(options.actions);
    this.#inHand = { ...given, events, artifacts, visit, signal };
    this.#looking = new LookAtPage(this.#inHand);
    this.#gone = new Promise((resolve) => {
      page.once('close', () => resolve());
      page.once('crash', () => {
        this.#hasCrashed = true;
        resolve();
      });
    });
  }

  /** All that needs the page. */
  async run(): Promise<void> {
    const { deps, options, page, record } = this.#inHand;
    const signal = this.#signal;
    const cutAtMs = performance.now() + options.timeoutMs;
    const limitMs = options.timeoutMs + keepingLimitMs + actingLimitOf(options);
    signal.throwIfAborted(); // while the page was opened: nobody would hear how its visit ends
    const looked = within(limitMs, signal, this.#looking.look(cutAtMs)).catch((error: unknown) => {
      signal.throwIfAborted();
      if (!(error instanceof Error) || error.name !== 'TimeoutError') throw error;
      this.#giveUp('timed-out');
    });
    looked.catch(() => {}); // nobody waits for it once the page is gone
    // A page that leads on without end would be another one in each look at it.
    const staysAfterMs = options.timeoutMs + actingLimitOf(options);
    const staying = setTimeout(() => record.stay(), staysAfterMs);
    const over = new AbortController();
    const mute = this.#untilMute(cutAtMs, AbortSignal.any([signal, over.signal]));
    const isMute = await Promise.race([looked, this.#gone, mute]).finally(() => {
      clearTimeout(staying);
      over.abort();
      // What is still being looked at is of a page that is gone, or that does not answer.
      this.#looked.abort();
    });
    signal.throwIfAborted();
    if (isMute === true) this.#giveUp('timed-out');
    if (page.isClosed() && !this.#looking.isOver && (await deps.browser.hasEnded())) {
      throw new Error('the browser ended');
    }
    if (page.isClosed()) this.#giveUp('page-closed');
    if (this.#hasCrashed) this.#giveUp(deps.browser.limitReached() ?? 'renderer-crashed');
    record.cut();
    this.#certificates = await record.certificates(signal);
    this.#programs = await deps.browser.programs(); // while it runs
  }

  /** What was seen before a visitor's actions stays, whatever these led to. */
  #giveUp(reason: Reason): void {
    const { visit, events } = this.#inHand;
    if (!this.#looking.isOver) Object.assign(visit, { state: 'failed', reason });
    else events.note('acting-ended', `after the first pictures the visit ended early (${reason})`);
  }

  /** Resolves where the page no longer answers at the cut; otherwise it never does. */
  #untilMute(cutAtMs: number, signal: AbortSignal): Promise<true> {
    const { promise, resolve } = Promise.withResolvers<true>();
    const ask = async () => {
      await sleep(Math.max(0, cutAtMs - performance.now()), null, { signal });
      await within(answerLimitMs, signal, this.#inHand.page.evaluate('0'));
    };
    ask().catch((error: unknown) => {
      if (!signal.aborted && error instanceof Error && error.name === 'TimeoutError') resolve(true);
    });
    return promise;
  }

  /** What is true of every visit, also of one that failed: text, exchanges, console, how it was made. */
  async end(): Promise<PageVisit> {
    const { deps, options, visit, events } = this.#inHand;
    const artifacts = this.#inHand.artifacts.goingOn(this.#signal);
    if (visit.text !== null)
      await artifacts.add('text', 'text.txt', 'text/plain', visit.text, { charset: 'utf-8' });
    const record = await this.#inHand.record.finish(refetchLimitMs);
    events.noteWindows(record);
    if (record.dropped > 0)
      events.note('exchanges-capped', `${record.dropped} more requests were made than are listed`);
    if (visit.reason === 'bad-content-encoding')
      await storeAsSent({ artifacts, visit }, record.exchanges);
    Object.assign(visit.facts, {
      browser: { ...deps.browser.facts, programs: this.#programs },
      viewport,
      ...viewDefaults,
    });
    await storeVisitRecord(visit, record, {
      artifacts,
      certificates: this.#certificates,
      consoleLines: events.consoleLines,
      withhold: options.storageState !== undefined,
    });
    return visit;
  }
}

function labelOf({ actions }: CaptureOptions): Record<string, unknown> {
  return actions === undefined ? {} : { actions: 'before' };
}

/** For the actions, and for looking again. */
function actingLimitOf({ actions }: CaptureOptions): number {
  return actions === undefined ? 0 : actionsLimitMs + keepingLimitMs;
}
