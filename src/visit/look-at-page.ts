/** Goes to a page and looks at it; does there what a visitor was asked to do, and looks again. */
import type { Page } from 'playwright';
import type { Reason } from '../base/reasons.ts';
import { fontFamilies } from '../browser/fonts.ts';
import { toldToPages } from '../browser/page-window.ts';
import type { PageRecipe } from '../model/plan.ts';
import { isBadlyEncoded } from '../recorder/failures.ts';
import type { PageRecord } from '../recorder/page-record.ts';
import { actAndLookAgain } from './actions/look-again.ts';
import { followRefreshes } from './follow-refresh.ts';
import { namesElement } from './fragment-target.ts';
import { FrameWorlds } from './frame-worlds.ts';
import { type Navigation, navigate } from './navigate.ts';
import type { Note } from './page-events.ts';
import { PageLook, type Settled } from './page-look.ts';
import type { CaptureOptions, PageVisit, VisitInHand } from './page-visit.ts';
import { storeReceived } from './received.ts';
import type { Shot } from './screenshots.ts';
import { findMedia } from './shown-media/find-media.ts';
import { playerSigns } from './shown-media/player-signs.ts';
import { verdictOf } from './verdict.ts';
import { withoutNul } from './visible-text.ts';
import type { VisitArtifacts } from './visit-artifacts.ts';
import { isSoftNotFound } from './walls.ts';

export class LookAtPage {
  readonly #inHand: VisitInHand;
  readonly #recipe: PageRecipe;
  readonly #options: CaptureOptions;
  readonly #page: Page;
  readonly #record: PageRecord;
  readonly #signal: AbortSignal;
  readonly #artifacts: VisitArtifacts;
  readonly #visit: PageVisit;
  #isOver = false;

  constructor(inHand: VisitInHand) {
    this.#inHand = inHand;
    this.#recipe = inHand.recipe;
    this.#options = inHand.options;
    this.#page = inHand.page;
    this.#record = inHand.record;
    this.#signal = inHand.signal;
    this.#artifacts = inHand.artifacts;
    this.#visit = inHand.visit;
  }

  /** The first look is over: whatever a visitor's actions lead to, it stays as it is. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Never longer than until the cut, apart from keeping what came. */
  async look(cutAtMs: number): Promise<void> {
    const { door } = this.#inHand.deps.browser;
    const navigation = await navigate({
      page: this.#page,
      record: this.#record,
      door,
      url: this.#recipe.url,
      cutAtMs,
      signal: this.#signal,
    });
    if (navigation.came !== 'page') return this.#endWithoutPage(navigation);
    await this.#followRefreshes(cutAtMs);
    const worlds = await FrameWorlds.open(this.#page);
    const look = this.#lookInto(worlds, cutAtMs);
    this.#useTheRest();
    const settled = await look.settle();
    Object.assign(this.#visit.facts, { settled, toldToPages: await this.#told(worlds) });
    const hasFocal = await this.#hasFocal(cutAtMs);
    const { shown } = this.#record;
    if (shown?.failure != null && isBadlyEncoded(shown.failure)) {
      Object.assign(this.#visit, { finalUrl: shown.url, httpStatus: shown.status });
      const [came, reason, words] = ['none', 'bad-content-encoding', shown.failure] as const;
      return this.#endWithoutPage({ came, reason, url: shown.url, words });
    }
    const selector = hasFocal ? this.#recipe.focalSelector : null;
    const shots = await look.shootWindow(selector);
    for (const shot of shots) await this.#artifacts.addShot(shot);
    await look.openWide();
    await this.#readPage(look);
    const verdict = await verdictOf({
      page: this.#page,
      recipe: this.#recipe,
      shown: this.#record.shown,
      hasFocal,
      text: this.#visit.text ?? '',
      connections: door.connections(),
      signal: this.#signal,
    });
    this.#end(verdict.state, verdict.reason);
    this.#noteHowItCame(settled);
    await this.#shootWhole(look, shots[0] ?? null);
    const recipe = { ...this.#recipe, focalSelector: selector };
    await this.#artifacts.addShot(await look.shootClean(recipe));
    this.#isOver = true;
    if (this.#options.actions !== undefined)
      await actAndLookAgain(this.#inHand, worlds, this.#options.actions);
    if (this.#recipe.collectMedia)
      this.#visit.players = await playerSigns(this.#page, this.#record.files(), this.#signal);
  }

  /** Hundreds of megabytes to hash and tools to be asked, each once: best while the page comes to rest. */
  #useTheRest(): void {
    void this.#inHand.deps.browser.programs().catch(() => {});
    void fontFamilies();
    this.#options.atRest?.();
  }

  /** What leads on by itself is kept, and followed as a visitor's browser would. */
  async #followRefreshes(cutAtMs: number): Promise<void> {
    const { passed, followed } = await followRefreshes({
      page: this.#page,
      record: this.#record,
      artifacts: this.#artifacts,
      view: this.#recipe.view,
      cutAtMs,
      keepReceived: (document, folder) => storeReceived(this.#inHand, document, `${folder}/`),
      signal: this.#signal,
    });
    this.#visit.passed = passed;
    if (followed.length > 0) this.#visit.facts.refreshes = followed;
  }

  /** What came is a file, or an answer without a page, or nothing. */
  async #endWithoutPage({ came, reason, url, words }: Navigation): Promise<void> {
    const isWanted = came === 'file' && this.#recipe.collectMedia;
    this.#end(isWanted ? 'skipped' : 'failed', reason);
    if (came === 'none') this.#visit.facts.failure = { url, words };
    if (came === 'file') {
      this.#visit.players = [];
      this.#visit.httpStatus = this.#record.lastAsked?.status ?? null;
    }
    if (came === 'answer') await this.#keepAnswer(url, words);
    await findMedia(this.#inHand, came === 'file' ? { file: url } : {});
  }

  /** Status and headers are what was said; they are among the exchanges. */
  async #keepAnswer(url: string, words: string | null): Promise<void> {
    const { lastAsked: answer } = this.#record;
    const status = answer?.status ?? null;
    Object.assign(this.#visit, { finalUrl: url, httpStatus: status });
    if (answer !== null && (await answer.body())?.sizeBytes)
      await storeReceived(this.#inHand, answer);
    if (this.#recipe.focalSelector !== null) return this.#end('failed', 'focal-missing');
    if (status === 401) return this.#end('blocked', 'login-wall');
    if (status === 429) return this.#end('blocked', 'rate-limited');
    this.#end('done', null);
    this.#note('no-page', `the server answered ${status} and sent no page (${words})`);
  }

  #lookInto(worlds: FrameWorlds, cutAtMs: number): PageLook {
    const { settleMs, maxHeightPx } = this.#options;
    return new PageLook({
      page: this.#page,
      worlds,
      traffic: this.#record,
      artifacts: this.#artifacts,
      note: this.#note.bind(this),
      options: { cutAtMs, settleMs, maxHeightPx, signal: this.#signal },
    });
  }

  #told(worlds: FrameWorlds): Promise<unknown> {
    return this.#artifacts.attempt('facts', () => worlds.main.run<unknown>(toldToPages));
  }

  /** Whether the page has the element that the recipe is about, allowing it a moment to appear. */
  async #hasFocal(cutAtMs: number): Promise<boolean> {
    const selector = this.#recipe.focalSelector;
    if (selector === null) return true;
    const timeout = Math.min(5_000, Math.max(1_000, cutAtMs - performance.now()));
    const element = this.#page.locator(selector).first();
    return element.waitFor({ state: 'visible', timeout }).then(
      () => true,
      () => false,
    );
  }

  async #readPage(look: PageLook): Promise<void> {
    const page = this.#page;
    const visit = this.#visit;
    const artifacts = this.#artifacts;
    visit.finalUrl = page.url();
    visit.namesElement = await namesElement(page, this.#recipe.url, this.#signal);
    visit.httpStatus = this.#record.shown?.status ?? null;
    visit.title = await artifacts.attempt('title', async () => withoutNul(await page.title()));
    if (this.#record.shown !== null) await storeReceived(this.#inHand, this.#record.shown);
    visit.text = await look.read();
  }

  #noteHowItCame(settled: Settled): void {
    if (!settled.quiet) {
      const [first] = settled.underWay ?? [];
      const waiting = first === undefined ? '' : ` (among others for ${first.slice(0, 300)})`;
      this.#note(
        'not-settled',
        `the page was still loading or asking at the cut${waiting}; it was kept as it stood`,
      );
    }
    if (!settled.loaded && this.#visit.state === 'done')
      this.#note('not-loaded', 'the page had not finished loading at the cut');
    if (isSoftNotFound(this.#visit.httpStatus, this.#visit.title))
      this.#note('soft-404', 'the page says that there is nothing at its address, with status 200');
  }

  async #shootWhole(look: PageLook, first: Shot | null): Promise<void> {
    const shots = await look.shootWhole(() => findMedia(this.#inHand, { isShown: true }));
    for (const shot of shots) await this.#artifacts.addShot(shot);
    const [whole] = shots;
    if (first !== null && whole !== undefined) await look.compare(first, whole);
    if (first === null && whole === undefined && this.#visit.state === 'done')
      this.#end('failed', 'no-picture');
  }

  #note(code: Note['code'], message: string): void {
    this.#inHand.events.note(code, message);
  }

  /** What a look came to; too late, it is nothing. */
  #end(state: PageVisit['state'], reason: Reason | null): void {
    this.#signal.throwIfAborted();
    Object.assign(this.#visit, { state, reason });
  }
}
