/**
 * Answers that the browser holds until they were seen here: each keeps its body in the way that
 * fits, and goes on whatever happens.
 */
import type { OpenBrowser } from '../browser/browser.ts';
import { type BodyStore, Budget } from './body-store.ts';
import { type BodyStrategy, bodyStrategy, type Situation } from './body-strategy.ts';
import { cameWhole, untoldPrefix } from './content-length.ts';
import { isEndless } from './exchange-class.ts';
import { abandoned, type Entry, type ExchangeLedger } from './exchange-ledger.ts';
import { isFile } from './file-answer.ts';
import { PassingBody } from './passing-body.ts';
import type { ProtocolSession, RequestPaused } from './protocol.ts';
import { exceededLimit, stopFlood } from './read-limits.ts';
import type { Refetches } from './refetch.ts';
import { appendBody, type Streams } from './streams.ts';

/** Bytes of bodies that may be on their way through memory at once. */
const budgetBytes = 16 * 1024 * 1024;
/** For a body of unknown size. */
const unknownBytes = 4 * 1024 * 1024;
const toldPatienceMs = 500;
/** Of an answer without end, which has gone on already. */
const latePatienceMs = 30_000;
/** How long a page may take to say that a body that it was given whole has ended. */
const endPatienceMs = 1_000;

export interface PausedAnswersParts {
  browser: OpenBrowser;
  /** The session with the browser itself, which pauses. */
  session: ProtocolSession;
  bodies: BodyStore;
  ledger: ExchangeLedger;
  refetches: Refetches;
  streams: Streams;
  /** Documents that didn't come whole in time: next time they are shown as they come. */
  late: Set<string>;
  /** What they fetch for a page passes them by unseen: it is read before. */
  serviceWorkers: ReadonlySet<ProtocolSession>;
  documentTimeoutMs?: number;
  signal: AbortSignal;
  /** Whether it is the document with which a page is to begin. */
  isAwaited(entry: Entry): boolean;
  /** Whether it is a document that comes too late to be shown: it is kept all the same. */
  mustNotCome(entry: Entry): boolean;
  changed(entry: Entry): void;
}

export class PausedAnswers {
  readonly #parts: PausedAnswersParts;
  readonly #budget = new Budget(budgetBytes);

  constructor(parts: PausedAnswersParts) {
    this.#parts = parts;
  }

  /** One paused response: keeps its body in the way that fits, and lets it go on whatever happens. */
  async pass(event: RequestPaused): Promise<void> {
    let failed = false;
    let entry: Entry | null = null;
    try {
      entry = this.#pausedEntry(event);
      failed = entry !== null && (await this.#recordBody(entry, event));
    } catch {
      // The page, or its browser, is gone: what is missing then is told by the entry.
    } finally {
      const goOn = failed
        ? this.#parts.session.send('Fetch.failRequest', {
            requestId: event.requestId,
            errorReason: 'Aborted',
          })
        : this.#parts.session.send(
            event.responseErrorReason === undefined
              ? 'Fetch.continueResponse'
              : 'Fetch.continueRequest',
            { requestId: event.requestId },
          );
      const isGone = await goOn.then(
        () => false,
        () => true,
      );
      if (entry !== null) this.#passed(entry, event, isGone);
    }
  }

  #pausedEntry(event: RequestPaused): Entry | null {
    if (!/^https?:/i.test(event.request.url)) return null;
    return this.#parts.ledger.paused(event, networkIdOf(event));
  }

  #passed(entry: Entry, event: RequestPaused, isGone: boolean): void {
    entry.isHeld = false;
    this.#parts.changed(entry);
    if (isGone && entry.body === null && entry.bodyTrouble === 'evicted') {
      // It was given up while it was paused: nobody was given anything.
      entry.bodyTrouble = null;
      this.#parts.ledger.end(entry, abandoned);
    }
    if (event.networkId === undefined) this.#parts.ledger.end(entry, null);
    else this.#expectEnd(entry);
  }

  /** Of the script of a worker nobody may tell that it has ended, because the worker was met too late. */
  #expectEnd(entry: Entry): void {
    if (!cameWhole(entry)) return;
    setTimeout(() => this.#parts.ledger.end(entry, null), endPatienceMs).unref();
  }

  /** Whether the request must fail, because it can't be let go on. */
  async #recordBody(entry: Entry, event: RequestPaused): Promise<boolean> {
    if (event.responseErrorReason !== undefined) return false;
    entry.isHeld = true;
    this.#recordRequestBody(entry, event);
    const isAwaited = this.#parts.isAwaited(entry);
    const situation = {
      isLate: this.#parts.late.has(entry.url),
      isFull: this.#parts.bodies.isFull,
      isFile: isAwaited && isFile(entry),
    };
    const mustFail = await this.#keepBody(entry, event.requestId, situation);
    return mustFail || situation.isFile || this.#parts.mustNotCome(entry);
  }

  async #keepBody(entry: Entry, requestId: string, situation: Situation): Promise<boolean> {
    const strategy = bodyStrategy(entry, situation);
    if (strategy.trouble !== null) entry.bodyTrouble = strategy.trouble;
    if (strategy.name === 'none') return false;
    if (/refetch/.test(strategy.name)) this.#parts.refetches.want(entry);
    if (strategy.name !== 'read') {
      const isKept = strategy.name !== 'refetch';
      const isSeen = await this.#streamSeen(entry, isKept);
      if (isSeen || !isKept) return false;
      if (isEndless(entry)) {
        this.#followLate(entry).catch(() => {}); // gone: what is missing is told by the entry
        return false;
      }
    }
    return this.#read(entry, requestId, strategy);
  }

  /** Whether the page's session passes on what the page is given of this body. */
  async #streamSeen(entry: Entry, isKept: boolean): Promise<boolean> {
    await this.#parts.ledger.toldOf(entry.networkId, toldPatienceMs);
    const { session } = entry;
    if (session === null || this.#parts.serviceWorkers.has(session)) return false;
    if (!isKept) entry.passing = new PassingBody();
    return this.#parts.streams.begin(entry, session);
  }

  /** Its page was too busy to say that it passes it on; what it is given until then comes at once. */
  async #followLate(entry: Entry): Promise<void> {
    await this.#parts.ledger.toldOf(entry.networkId, latePatienceMs);
    const { session } = entry;
    if (session !== null) await this.#parts.streams.begin(entry, session, latePatienceMs);
  }

  #recordRequestBody(entry: Entry, { request }: RequestPaused): void {
    if (entry.requestBody !== null || request.hasPostData !== true) return;
    const body = this.#parts.bodies.newBody();
    entry.requestBody = body;
    for (const { bytes } of request.postDataEntries ?? [])
      if (bytes !== undefined) appendBody(entry, body, Buffer.from(bytes, 'base64'));
  }

  /** Takes the whole body before the page gets it. True: it must not get it, because it has no end. */
  async #read(entry: Entry, requestId: string, { bytes }: BodyStrategy): Promise<boolean> {
    const { browser, documentTimeoutMs: timeoutMs = 10_000, signal } = this.#parts;
    return this.#budget.spend(bytes ?? unknownBytes, async () => {
      const asked = this.#parts.session.send('Fetch.getResponseBody', { requestId });
      const waiting = { browser, timeoutMs, hasUnknownSize: bytes === null, signal };
      stopFlood(asked, waiting).catch(() => {}); // whoever closes the browser hears of it
      const came = await Promise.race([asked.catch(() => null), exceededLimit(asked, waiting)]);
      if (came === 'slow' || came === 'too-large') {
        const isDocument = entry.type === 'document' && came === 'slow';
        if (isDocument) this.#parts.late.add(entry.url);
        entry.bodyTrouble = isDocument ? 'asked-again' : came === 'slow' ? 'timed-out' : 'capped';
        return true;
      }
      if (came === null) {
        entry.bodyTrouble = 'evicted';
        return false;
      }
      const { body, base64Encoded } = came;
      entry.body = this.#parts.bodies.newBody();
      entry.isWhole = true;
      appendBody(entry, entry.body, Buffer.from(body, base64Encoded ? 'base64' : 'utf8'));
      return false;
    });
  }
}

/** What no session will ever tell of has no number of the network; its pause has one. */
function networkIdOf({ networkId, requestId }: RequestPaused): string {
  return networkId ?? `${untoldPrefix}${requestId}`;
}
