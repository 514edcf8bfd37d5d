/**
 * Draws pages of our own making. Starting a browser costs several times what a drawing does,
 * so one browser draws for every capture of this process, each in a context of its own, and
 * stays a moment for those that follow. What comes from outside never gets this browser.
 */
import { within } from '../base/time-limit.ts';
import type { OpenBrowser } from './browser.ts';
import { type Drawing, pictureOfHtml } from './picture-of-html.ts';

export interface DrawingRoomOptions {
  /** A browser that has no way out; it ends with the signal. */
  open(signal: AbortSignal): Promise<OpenBrowser>;
  /** So long it stays without work. */
  idleMs?: number;
  /** After so many drawings another takes its place: what a browser holds grows with its age. */
  mostDrawings?: number;
}

interface Easel {
  browser: Promise<OpenBrowser>;
  users: number;
  drawings: number;
  /** Nobody new comes to it, and the last one closes it. */
  retired: boolean;
}

export class DrawingRoom implements AsyncDisposable {
  readonly #options: Required<DrawingRoomOptions>;
  readonly #stop = new AbortController();
  readonly #closing = new Set<Promise<void>>();
  /** Not closing yet: the one in use, and retired ones at which somebody still draws. */
  readonly #open = new Set<Easel>();
  #easel: Easel | null = null;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: DrawingRoomOptions) {
    this.#options = { idleMs: 10_000, mostDrawings: 200, ...options };
  }

  /** @throws as `pictureOfHtml`, and what opening a browser throws */
  async draw(html: string, how: Drawing): Promise<Buffer> {
    const easel = this.#enter();
    try {
      const browser = await within(openLimitMs, how.signal, easel.browser);
      return await pictureOfHtml(browser, html, how);
    } catch (error) {
      // Whether the browser is at fault can't be told, and a new one is cheap beside a retry.
      easel.retired = true;
      throw error;
    } finally {
      this.#leave(easel);
    }
  }

  #enter(): Easel {
    this.#stop.signal.throwIfAborted();
    clearTimeout(this.#idle);
    if (this.#easel === null || this.#easel.retired) {
      const browser = this.#options.open(this.#stop.signal);
      browser.catch(() => {});
      this.#easel = { browser, users: 0, drawings: 0, retired: false };
      this.#open.add(this.#easel);
    }
    this.#easel.users += 1;
    return this.#easel;
  }

  #leave(easel: Easel): void {
    easel.users -= 1;
    easel.drawings += 1;
    if (easel.drawings >= this.#options.mostDrawings) easel.retired = true;
    if (easel.users > 0) return;
    if (easel.retired) this.#close(easel);
    else this.#idle = setTimeout(() => this.#close(easel), this.#options.idleMs).unref();
  }

  #close(easel: Easel): void {
    if (this.#easel === easel) this.#easel = null;
    if (!this.#open.delete(easel)) return;
    const closing = easel.browser
      .then((browser) => browser[Symbol.asyncDispose]())
      .catch(() => {})
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  /** Ends every drawing. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    this.#stop.abort();
    for (const easel of this.#open) this.#close(easel);
    await Promise.all(this.#closing);
  }
}

const openLimitMs = 60_000;
