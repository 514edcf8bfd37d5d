/** Looks at a page that came: scrolls through it, reads it, takes its pictures, and says what is not in them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright';
import { within } from '../base/time-limit.ts';
import type { PageRecipe } from '../model/plan.ts';
import type { FrameWorlds } from './frame-worlds.ts';
import type { Note } from './page-events.ts';
import { rightOf, rowsOf, shareThatDiffers } from './png-rows.ts';
import { type FrameContent, readFrames } from './read-frames.ts';
import { type Shot, shootClean, shootFocal, shootFull, shootViewport } from './screenshots.ts';
import { shootScrolled } from './scrolled-picture.ts';
import { loadAndScroll, type SettleOptions } from './settle.ts';
import { type TallWindow, WindowHeight } from './tall-window.ts';
import { type Traffic, untilQuiet } from './traffic.ts';
import { missingLines, visibleText } from './visible-text.ts';
import { type VisitArtifacts, viewport } from './visit-artifacts.ts';
import type { Scrolled } from './walk/scroll.ts';
import { scrollSideways } from './walk/scroll-sideways.ts';
import { type Slides, slidesBelowOneAnother, turnThrough } from './walk/slides.ts';

export interface LookParts {
  page: Page;
  worlds: FrameWorlds;
  traffic: Traffic & { underWay(): string[] };
  artifacts: VisitArtifacts;
  note(code: Note['code'], message: string): void;
  options: SettleOptions;
}

/** How the page came to rest, as the manifest says it. */
export interface Settled {
  loaded: boolean;
  /** False: the cut came before the page was quiet. */
  quiet: boolean;
  scrolledToPx: number;
  scrolled: Scrolled;
  /** What it was still waiting for. */
  underWay?: string[];
}

/**
 * In a window that has just grown, what is seen now begins to load. What counts as seen only after
 * a second in view (as advertisers measure it) needs that second.
 */
const tallStayMs = 1_100;
const tallQuietMs = 300;
/** For a page that asks without end. */
const busyStayMs = 2_000;
const answerLimitMs = 10_000;
const movedLines = 0.2;
const movedPixels = 0.15;

export class PageLook {
  readonly #parts: LookParts;
  readonly #window: WindowHeight;
  /** `fits`: all of the page is in the window as it is. `depends`: its layout follows the window's height. */
  #tall: TallWindow | 'fits' | 'depends' = 'fits';
  #linesOnTheWay: string[] = [];
  #slides: Slides | null = null;

  constructor(parts: LookParts) {
    this.#parts = parts;
    this.#window = new WindowHeight(parts.worlds, viewport, parts.options.signal);
  }

  /** Loads, scrolls, rests; never longer than until the cut. */
  async settle(): Promise<Settled> {
    const { page, worlds, traffic, options } = this.#parts;
    const { settleMs, cutAtMs, signal } = options;
    const loaded = isLoaded(page);
    let walk = await loadAndScroll(page, worlds, traffic, options);
    if (walk.scrolled.ended === 'unresponsive' && (await this.#stopScripts()))
      walk = await loadAndScroll(page, worlds, traffic, options);
    this.#linesOnTheWay = walk.lines;
    if (walk.scrolled.of === 'nothing' && walk.scrolled.ended === 'end')
      this.#slides = await turnThrough(worlds, { untilMs: walk.untilMs, signal });
    const quiet = await untilQuiet(traffic, settleMs, cutAtMs, signal);
    return {
      loaded: loaded(),
      quiet,
      scrolledToPx: walk.scrolled.toPx,
      scrolled: walk.scrolled,
      ...(quiet ? {} : { underWay: traffic.underWay().slice(0, 20) }),
    };
  }

  /** A script that does not end keeps the page from being drawn and read. False: there was none. */
  async #stopScripts(): Promise<boolean> {
    const { worlds, options, note } = this.#parts;
    const answered = within(answerLimitMs, options.signal, worlds.main.run('1'));
    if (await answered.then(yes, no)) return false;
    options.signal.throwIfAborted();
    await worlds.session.send('Runtime.terminateExecution').catch(() => {});
    note('script-stopped', 'a script that did not end was stopped, so that the page could be read');
    return true;
  }

  /** The pictures of the window as a visitor has it, before anything about it changes. */
  async shootWindow(selector: string | null): Promise<Shot[]> {
    const { page, worlds, artifacts, options } = this.#parts;
    const { signal } = options;
    const looks: [Shot['role'], () => Promise<Shot>][] = [
      ['screenshot.viewport', () => shootViewport(worlds, signal)],
    ];
    if (selector !== null)
      looks.push(['screenshot.focal', () => shootFocal(page, worlds, selector, signal)]);
    const shots: Shot[] = [];
    for (const [role, look] of looks) {
      const shot = await artifacts.attempt(role, look);
      if (shot !== null) shots.push(shot);
    }
    return shots;
  }

  /** Makes the window as tall as the page, where that is honest, and lets it show what it holds. */
  async openWide(): Promise<void> {
    const { worlds, traffic, artifacts, options } = this.#parts;
    const { maxHeightPx, cutAtMs, settleMs, signal } = options;
    const wasQuiet = traffic.quietMs() > 0;
    const raised = await artifacts.attempt('window', () => this.#window.raise(maxHeightPx));
    this.#tall = raised ?? 'depends';
    const sideways = await scrollSideways(worlds, signal);
    if (typeof this.#tall !== 'object' && sideways === 0) return;
    await sleep(tallStayMs, undefined, { signal });
    const untilMs = wasQuiet ? cutAtMs : Math.min(cutAtMs, performance.now() + busyStayMs);
    await untilQuiet(traffic, Math.min(settleMs, tallQuietMs), untilMs, signal);
  }

  /** Every frame, the page's own first; keeps the documents as rendered, and gives the text. */
  async read(): Promise<string | null> {
    const { worlds, artifacts, options } = this.#parts;
    const frames = await artifacts.attempt('dom.rendered', () =>
      readFrames(worlds, options.signal),
    );
    if (frames === null) return null;
    await this.#storeDocuments(frames);
    this.#noteMissingFrames(frames);
    const text = visibleText(frames);
    const missing = missingLines(this.#linesOnTheWay, text);
    if (missing.length > Math.max(2, this.#linesOnTheWay.length * movedLines))
      this.#parts.note(
        'text-moved',
        `${missing.length} lines that were seen while scrolling were gone when the pictures were taken; they are at the end of the text`,
      );
    const seen = missing.length === 0 ? '' : `\n\n[seen while scrolling]\n${missing.join('\n')}`;
    return text + seen;
  }

  /** Where nobody sees the frame, nobody misses it. */
  #noteMissingFrames(frames: FrameContent[]): void {
    const missing = frames.filter(
      ({ isMain, unreachableUrl, text }) =>
        !isMain && unreachableUrl !== null && text.trim() !== '',
    );
    for (const { unreachableUrl } of missing)
      this.#parts.note(
        'frame-missing',
        `a frame shows the browser’s own error instead of ${unreachableUrl?.slice(0, 500)}`,
      );
  }

  async #storeDocuments(frames: FrameContent[]): Promise<void> {
    const { artifacts } = this.#parts;
    let inner = 0;
    for (const { isMain, url, html, text } of frames) {
      if (!isMain && text.trim() === '' && html.length < emptyDocument) continue;
      if (!isMain) inner += 1;
      const name = isMain ? 'dom.rendered.html' : `dom.rendered.frame-${inner}.html`;
      const facts = isMain ? {} : { frame: url.slice(0, 2_000) };
      await artifacts.add('dom.rendered', name, 'text/html', html, { charset: 'utf-8', ...facts });
    }
  }

  /** The picture of the whole page; where two honest ones differ, both. Before the window is again as it was, `whileTall` may look too. */
  async shootWhole(whileTall: () => Promise<void>): Promise<Shot[]> {
    const tall = await this.#shootTall();
    await whileTall();
    await this.#parts.artifacts.attempt('window', () => this.#window.restore());
    const isAsBefore = await this.#isAsBefore();
    const shots = tall === null ? [] : [tall];
    if (tall === null) shots.push(...(await this.#shootScrolled('screenshot.full')));
    else if (!isAsBefore) shots.push(...(await this.#shootScrolled('screenshot.scrolled')));
    await this.#noteWhatIsCut(shots[0] ?? null);
    if (this.#slides !== null) shots.push(await this.#shotOfSlides(this.#slides));
    return shots;
  }

  async #shootTall(): Promise<Shot | null> {
    if (this.#tall === 'depends') return null;
    const { worlds, artifacts, options } = this.#parts;
    const { maxHeightPx, signal } = options;
    await this.#noteHidden();
    return artifacts.attempt('screenshot.full', () => shootFull(worlds, maxHeightPx, signal));
  }

  async #shootScrolled(role: 'screenshot.full' | 'screenshot.scrolled'): Promise<Shot[]> {
    const { worlds, artifacts, options } = this.#parts;
    const { maxHeightPx, signal } = options;
    if (role === 'screenshot.full') await this.#noteHidden();
    const shoot = () => shootScrolled(worlds, role, maxHeightPx, signal);
    const shot = await artifacts.attempt(role, shoot);
    return shot === null ? [] : [shot];
  }

  async #shotOfSlides(slides: Slides): Promise<Shot> {
    if (!slides.isAll)
      this.#parts.note(
        'not-drawn',
        `the page goes on by wheel, slide after slide; only the first ${slides.pngs.length} are in the picture`,
      );
    return slidesBelowOneAnother(slides);
  }

  /** Whether the taller window showed the page as the other did: as high as before, or as now. */
  async #isAsBefore(): Promise<boolean> {
    if (typeof this.#tall !== 'object') return true;
    const { beforePx, pagePx, isForInner } = this.#tall;
    if (isForInner) return true;
    const now = await this.#parts.artifacts.attempt('size', () => this.#parts.worlds.size());
    const isNear = (px: number) => Math.abs(px - pagePx) <= 2;
    return isNear(beforePx) || now === null || isNear(now.heightPx);
  }

  /** The picture without covers; the last one, because it injects a style. */
  shootClean(recipe: PageRecipe): Promise<Shot | null> {
    const { page, worlds, artifacts, options } = this.#parts;
    const shoot = () => shootClean(page, worlds, recipe, options.signal);
    return artifacts.attempt('screenshot.clean', shoot);
  }

  /** Says so where the first screen changed between two pictures of it. */
  async compare(first: Shot, whole: Shot): Promise<void> {
    if (first.png.equals(whole.png)) return;
    const start = await rowsOf(whole.png, viewport.heightPx);
    const before = await rowsOf(first.png);
    // A page that is read from right to left begins at the right of its picture.
    const begun = [start, rightOf(start, before.width)];
    const share = Math.min(...begun.map((one) => shareThatDiffers(before, one)));
    if (share > movedPixels)
      this.#parts.note(
        'picture-moved',
        `${Math.round(share * 100)} % of the first screen changed between the picture of the whole page and that of the viewport`,
      );
  }

  async #noteHidden(): Promise<void> {
    const hidden = await this.#parts.artifacts.attempt('boxes', () => this.#window.hidden());
    const large = (hidden ?? []).filter(({ shownPx, ofPx }) => ofPx - shownPx >= hiddenPx);
    if (large.length === 0) return;
    const named = large
      .slice(0, 5)
      .map(({ what, shownPx, ofPx }) => `a ${what} shows ${shownPx} of ${ofPx} px`);
    this.#parts.note(
      'not-drawn',
      `what scrolls inside the page is drawn as far as it shows: ${named.join(', ')}`,
    );
  }

  async #noteWhatIsCut(whole: Shot | null): Promise<void> {
    const { cappedAtPx, widthCappedAtPx, pageHeightPx, pageWidthPx } = whole?.facts ?? {};
    if (cappedAtPx)
      this.#parts.note(
        'height-capped',
        `the page is ${pageHeightPx} px high; the picture ends at ${cappedAtPx} px`,
      );
    if (widthCappedAtPx)
      this.#parts.note(
        'width-capped',
        `the page is ${pageWidthPx} px wide; the picture ends at ${widthCappedAtPx} px`,
      );
  }
}

const emptyDocument = 120;
const hiddenPx = 100;

/** Asked later: a page may finish loading while it is scrolled. */
function isLoaded(page: Page): () => boolean {
  let loaded = false;
  page.waitForLoadState('load', { timeout: 0 }).then(
    () => {
      loaded = true;
    },
    () => {},
  );
  return () => loaded;
}

const yes = () => true;
const no = () => false;
