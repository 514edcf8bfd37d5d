/**
 * Windows that a page opens. Each is met before it loads anything, recorded like the page itself,
 * and closed once it has loaded. Those beyond what a page may have are closed before they load.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isAwaited } from './exchange-class.ts';
import type { Entry, ExchangeLedger } from './exchange-ledger.ts';
import type { ProtocolSession, TargetInfo } from './protocol.ts';

/** `loaded`: all that it asked for is recorded. `cut`: it was closed before. `refused`: it loaded nothing. */
export type WindowEnd = 'loaded' | 'cut' | 'refused';

export interface OpenedWindow {
  /** As the page asked for it. */
  url: string;
  ended: WindowEnd;
}

export interface OpenedWindowsParts {
  /** Windows that may load, of one page. */
  most: number;
  ledger: ExchangeLedger;
  close(targetId: string): Promise<unknown>;
  signal: AbortSignal;
}

/** A window, and the sessions with it and with all below it. */
export interface MetWindow {
  targetId: string;
  sessions: Set<ProtocolSession>;
  hasBegun: boolean;
  isGone: boolean;
  ended: WindowEnd;
}

const lookEveryMs = 100;
/** Nothing was asked for by a window for so long: it has loaded. */
const quietMs = 1_000;
const mostLoadingMs = 8_000;
const blank = 'about:blank';

export class OpenedWindows {
  readonly #parts: OpenedWindowsParts;
  readonly #asked: string[] = [];
  readonly #windows: MetWindow[] = [];
  /** Sessions with whatever can open windows. */
  readonly #openers = new Set<ProtocolSession>();
  #hasStopped = false;

  constructor(parts: OpenedWindowsParts) {
    this.#parts = parts;
  }

  /** The page opened windows without end, so its scripts were stopped. */
  get hasStopped(): boolean {
    return this.#hasStopped;
  }

  /** Hears which windows this page, frame or window asks for. */
  hear(opener: ProtocolSession): void {
    this.#openers.add(opener);
    opener.listen({ 'Page.windowOpen': ({ url }) => void this.#asked.push(url || blank) });
    opener.send('Page.enable').catch(() => {}); // it has gone
  }

  /** Null: it is one too many. */
  meet({ targetId }: TargetInfo): MetWindow | null {
    const { most } = this.#parts;
    const isRefused = this.#hasStopped || this.#windows.length >= most;
    const window: MetWindow = {
      targetId,
      sessions: new Set(),
      hasBegun: false,
      isGone: false,
      ended: isRefused ? 'refused' : 'loaded',
    };
    this.#windows.push(window);
    if (this.#windows.length >= 2 * most) this.#stop();
    if (isRefused) return null;
    this.#letLoad(window).catch(() => {}); // aborted, or gone with its browser
    return window;
  }

  /** What was opened until now, in order. */
  list(): OpenedWindow[] {
    return this.#windows.map((window, place) => ({
      url: this.#asked[place] ?? blank,
      ended: window.ended === 'loaded' && this.#lacksAll(window) ? 'cut' : window.ended,
    }));
  }

  /** There is no end of windows: no script of the page, or of a window of it, runs any longer. */
  #stop(): void {
    if (this.#hasStopped) return;
    this.#hasStopped = true;
    for (const opener of this.#openers) {
      opener.send('Emulation.setScriptExecutionDisabled', { value: true }).catch(() => {});
      opener.send('Runtime.terminateExecution').catch(() => {});
    }
  }

  async #letLoad(window: MetWindow): Promise<void> {
    const untilMs = performance.now() + mostLoadingMs;
    const latestAtMs = Date.now() + mostLoadingMs;
    let busyAtMs = performance.now();
    while (performance.now() < untilMs && !this.#hasStopped && !window.isGone) {
      await sleep(lookEveryMs, undefined, { signal: this.#parts.signal });
      const isBusy = this.#lacksAll(window) || this.#underWay(window, Date.now()).length > 0;
      if (isBusy) busyAtMs = performance.now();
      if (performance.now() - busyAtMs >= quietMs) break;
    }
    if (!window.isGone) await this.#close(window, Math.min(Date.now(), latestAtMs));
  }

  /** @param asOfMs no later than its limit: what was awaited then is cut, however late this is run */
  async #close(window: MetWindow, asOfMs: number): Promise<void> {
    const cut = this.#underWay(window, asOfMs);
    if (cut.length > 0) window.ended = 'cut';
    for (const entry of cut) entry.bodyTrouble ??= 'window-closed';
    await this.#parts.close(window.targetId);
  }

  /** It was to show something, and has not even asked for it. */
  #lacksAll(window: MetWindow): boolean {
    const url = this.#asked[this.#windows.indexOf(window)] ?? blank;
    return /^https?:/i.test(url) && !window.hasBegun;
  }

  #underWay({ sessions }: MetWindow, nowMs: number): Entry[] {
    return [...this.#parts.ledger.open()].filter(
      (entry) =>
        entry.session !== null &&
        sessions.has(entry.session) &&
        (entry.isHeld || isAwaited(entry, nowMs)),
    );
  }
}
