/**
 * Draws pages of our own making. Starting a browser costs several times what a drawing does,
 * so one browser draws for every capture of this process, each in a context of its own, and
 * stays a moment for those that follow. What comes from outside never gets this browser.
 */
import { within } from '../base/time-limit.ts';
import type { OpenBrowser } from './browser.ts';
import { type PrintedPage, pdfOfHtml } from './pdf-of-html.ts';
import { type Drawing, pictureOfHtml } from './picture-of-html.ts';

export interface RenderBrowserOptions {
  /** A browser that has no way out; it ends with the signal. */
  open(signal: AbortSignal): Promise<OpenBrowser>;
  /** So long it stays without work. */
  idleMs?: number;
  /** After so many drawings another takes its place: what a browser holds grows with its age. */
  mostDrawings?: number;
}

interface SharedBrowser {
  browser: Promise<OpenBrowser>;
  users: number;
  drawings: number;
  /** Nobody new comes to it, and the last one closes it. */
  retired: boolean;
}

export class RenderBrowser implements AsyncDisposable {
  readonly #options: Required<RenderBrowserOptions>;
  readonly #stop = new AbortController();
  readonly #closing = new Set<Promise<void>>();
  /** Not closing yet: the one in use, and retired ones at which somebody still draws. */
  readonly #open = new Set<SharedBrowser>();
  #current: SharedBrowser | null = null;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: RenderBrowserOptions) {
    this.#options = { idleMs: 10_000, mostDrawings: 200, ...options };
  }

  /** @throws as `pictureOfHtml`, and what opening a browser throws */
  draw(html: string, how: Drawing): Promise<Buffer> {
    return this.#use(how.signal, (browser) => pictureOfHtml(browser, html, how));
  }

  /** @throws as `pdfOfHtml`, and what opening a browser throws */
  print(page: PrintedPage, signal: AbortSignal): Promise<Buffer> {
    return this.#use(signal, (browser) => pdfOfHtml(browser, page, signal));
  }

  async #use(
    signal: AbortSignal,
    work: (browser: OpenBrowser) => Promise<Buffer>,
  ): Promise<Buffer> {
    const shared = this.#enter();
    try {
      return await work(await within(openLimitMs, signal, shared.browser));
    } catch (error) {
      // Whether the browser is at fault can't be told, and a new one is cheap beside a retry.
      shared.retired = true;
      throw error;
    } finally {
      this.#leave(shared);
    }
  }

  #enter(): SharedBrowser {
    this.#stop.signal.throwIfAborted();
    clearTimeout(this.#idle);
    if (this.#current === null || this.#current.retired) {
      const browser = this.#options.open(this.#stop.signal);
      browser.catch(() => {});
      this.#current = { browser, users: 0, drawings: 0, retired: false };
      this.#open.add(this.#current);
    }
    this.#current.users += 1;
    return this.#current;
  }

  #leave(shared: SharedBrowser): void {
    shared.users -= 1;
    shared.drawings += 1;
    if (shared.drawings >= this.#options.mostDrawings) shared.retired = true;
    if (shared.users > 0) return;
    if (shared.retired) this.#close(shared);
    else this.#idle = setTimeout(() => this.#close(shared), this.#options.idleMs).unref();
  }

  #close(shared: SharedBrowser): void {
    if (this.#current === shared) this.#current = null;
    if (!this.#open.delete(shared)) return;
    const closing = shared.browser
      .then((browser) => browser[Symbol.asyncDispose]())
      .catch(() => {})
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  /** Ends every drawing. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    this.#stop.abort();
    for (const shared of this.#open) this.#close(shared);
    await Promise.all(this.#closing);
  }
}

const openLimitMs = 60_000;
