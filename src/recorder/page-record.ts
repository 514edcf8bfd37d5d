/** What one view asked for and got: how quiet it is, which document it shows, and every exchange at its end. */

import type { Page } from 'playwright';
import type { BodyTrouble } from '../base/reasons.ts';
import { within } from '../base/time-limit.ts';
import type { Door, DoorConnection } from '../egress/egress.ts';
import type { RecordedBody, RecordedExchange } from '../warc/exchange.ts';
import { type Ended, traceCaches } from './cache-origin.ts';
import { certificatesOf, type OriginCertificates } from './certificates.ts';
import {
  type Ending,
  endingOf,
  isAnsweredWhole,
  isAwaited,
  isBesidesThePage,
  isOnlyRefetched,
  isUnanswered,
  notKept,
} from './exchange-class.ts';
import { type Entry, type ExchangeLedger, withoutFragment } from './exchange-ledger.ts';
import { isFile } from './file-answer.ts';
import type { OpenedWindow, OpenedWindows } from './opened-windows.ts';
import type { ProtocolSession } from './protocol.ts';
import { recordedExchange } from './recorded-exchange.ts';
import type { Refetches } from './refetch.ts';

/** One document that the main frame asked for, redirects being documents of their own. */
export interface MainDocument {
  url: string;
  /** Null: no response came. */
  status: number | null;
  headers: [name: string, value: string][];
  finished: boolean;
  /** Chromium's words. */
  failure: string | null;
  /** Why its body isn't kept. */
  trouble: BodyTrouble | null;
  /** What came is a file and no page. */
  isFile: boolean;
  /** Status, headers and the body, if there is one, came whole. */
  isWhole: boolean;
  body(): Promise<RecordedBody | null>;
}

/** A file that came, for whoever looks for media among them. */
export interface SeenFile {
  url: string;
  status: number;
  mediaType: string;
  isMainDocument: boolean;
  /** Asked for by a script: `fetch`, `XMLHttpRequest`. */
  isByScript: boolean;
  /** It began to come, and the connection broke: the page has not got it. */
  isCut: boolean;
}

export interface ViewRecord {
  exchanges: RecordedExchange[];
  /** Requests beyond the cap, of the whole capture. */
  dropped: number;
  connections: DoorConnection[];
  windows: OpenedWindow[];
  /** The page opened windows without end, so its scripts were stopped. */
  wasStopped: boolean;
}

export interface PageRecord {
  /** The document that the page shows. */
  readonly shown: MainDocument | null;
  /** Every document that the page has shown, in order. */
  readonly history: MainDocument[];
  /** The document that was asked for last; it may never have come. */
  readonly lastAsked: MainDocument | null;
  /** Milliseconds since anything that the page waits for began or ended; 0 while something is under way. */
  quietMs(): number;
  /** The same, whatever is still under way. */
  idleMs(): number;
  /** Addresses of what the page is waiting for. */
  underWay(): string[];
  files(): SeenFile[];
  /** A document was too slow to be read whole: asked for again it is shown as it comes. */
  isLate(url: string): boolean;
  certificates(signal: AbortSignal): Promise<OriginCertificates[]>;
  /** From here on, no other document takes the place of the one that is shown. */
  stay(): void;
  /** Whether the document must not be shown. */
  mustNotCome(entry: Entry): boolean;
  /** The end of the visit: what is under way now is so for good. */
  cut(): void;
  /** Waits for what is fetched again, and says of every request how it ended. Once, after `cut`. */
  finish(limitMs: number): Promise<ViewRecord>;
  /** `mainFrame`: the page's own target. */
  begin(mainFrame: string): Promise<void>;
  /** Whether it is the document with which the page is to begin. */
  isAwaited(entry: Entry): boolean;
  asked(entry: Entry): void;
  changed(entry: Entry): void;
}

export interface PageRecordParts {
  view: string;
  page: Page;
  session: ProtocolSession;
  ledger: ExchangeLedger;
  refetches: Refetches;
  windows: OpenedWindows;
  door: Door;
  /** Enters what was asked for and what no session has told of. */
  tellUnheardOf(): void;
  isFirst: boolean;
  isLate(url: string): boolean;
  /** Bodies that were being read are in their files. */
  settled(): Promise<void>;
}

export function pageRecord(parts: PageRecordParts): PageRecord {
  return new ViewOfPage(parts);
}

interface Cut {
  entries: { entry: Entry; ending: Ending | null }[];
  connections: DoorConnection[];
}

class ViewOfPage implements PageRecord {
  readonly #parts: PageRecordParts;
  readonly #documents: Entry[] = [];
  #mainFrame: string | null = null;
  #shown: Entry | null = null;
  readonly #history: Entry[] = [];
  #lastChangeMs = performance.now();
  #stays = false;
  #cut: Cut | null = null;

  constructor(parts: PageRecordParts) {
    this.#parts = parts;
  }

  get shown(): MainDocument | null {
    return this.#shown === null ? null : documentOf(this.#shown);
  }

  get history(): MainDocument[] {
    return this.#history.map(documentOf);
  }

  get lastAsked(): MainDocument | null {
    const last = this.#documents.at(-1);
    return last === undefined ? null : documentOf(last);
  }

  async begin(mainFrame: string): Promise<void> {
    const { session, ledger } = this.#parts;
    session.listen({
      'Page.frameNavigated': ({ frame }) => {
        // Nobody tells how the requests of the document before ended, once it is gone.
        ledger.abandon(
          (one) => one.frameId === frame.id && one.loaderId !== frame.loaderId && !isNewer(one),
        );
        if (frame.parentId !== undefined || frame.url.startsWith('chrome-error:')) return;
        const entry = ledger.last(frame.loaderId);
        if (entry?.url !== withoutFragment(frame.url)) return;
        this.#shown = entry;
        if (!this.#history.includes(entry)) this.#history.push(entry);
      },
      'Page.frameDetached': ({ frameId, reason }) => {
        if (reason === 'remove') ledger.abandon((one) => one.frameId === frameId);
      },
    });
    const isNewer = (one: Entry) => one.type === 'document' && one === this.#documents.at(-1);
    this.#mainFrame = mainFrame;
    await session.send('Page.enable');
  }

  isAwaited(entry: Entry): boolean {
    return this.#shown === null && this.#isMain(entry);
  }

  asked(entry: Entry): void {
    if (this.#isMain(entry)) this.#documents.push(entry);
  }

  #isMain({ type, frameId }: Entry): boolean {
    return type === 'document' && frameId !== null && frameId === this.#mainFrame;
  }

  changed(entry: Entry): void {
    if (isAwaited(entry, entry.startedAtMs)) this.#lastChangeMs = performance.now();
  }

  quietMs(): number {
    const now = Date.now();
    for (const entry of this.#parts.ledger.open()) {
      if (this.#isUnderWay(entry, now)) return 0;
    }
    return performance.now() - this.#lastChangeMs;
  }

  idleMs(): number {
    return performance.now() - this.#lastChangeMs;
  }

  underWay(): string[] {
    const now = Date.now();
    return [...this.#parts.ledger.open()]
      .filter((entry) => this.#isUnderWay(entry, now))
      .map(({ url }) => url);
  }

  /** Of what no session told of (the script of a service worker) only that it is held is certain. */
  #isUnderWay(entry: Entry, nowMs: number): boolean {
    if (!this.#isOwn(entry) || isBesidesThePage(entry) !== null) return false;
    if (entry.isHeld) return true;
    return entry.view !== null && isAwaited(entry, nowMs) && !isUnanswered(entry, nowMs);
  }

  files(): SeenFile[] {
    return this.#own()
      .filter((entry) => entry.response !== null && (entry.state !== 'failed' || isCut(entry)))
      .map((entry) => ({
        url: entry.url,
        status: entry.response?.status ?? 0,
        mediaType: mediaTypeOf(entry),
        isMainDocument: this.#documents.includes(entry),
        isByScript: entry.type === 'fetch' || entry.type === 'xhr',
        isCut: isCut(entry),
      }));
  }

  isLate(url: string): boolean {
    return this.#parts.isLate(withoutFragment(url));
  }

  certificates(signal: AbortSignal): Promise<OriginCertificates[]> {
    const urls = this.#own()
      .filter(({ response }) => response !== null)
      .map(({ url }) => url);
    return certificatesOf(this.#parts.session, urls, signal);
  }

  stay(): void {
    this.#stays = true;
  }

  mustNotCome(entry: Entry): boolean {
    return this.#stays && this.#shown !== null && this.#isMain(entry);
  }

  cut(): void {
    if (this.#cut !== null) return;
    const wasQuiet = this.quietMs() > 0;
    this.#parts.tellUnheardOf();
    const connections = this.#parts.door.connections();
    this.#cut = {
      connections,
      entries: this.#own().map((entry) => ({
        entry,
        // How a second fetch ends is known later.
        ending: isOnlyRefetched(entry) ? null : endingOf(entry, connections, wasQuiet),
      })),
    };
  }

  async finish(limitMs: number): Promise<ViewRecord> {
    this.cut();
    const { entries, connections } = this.#cut ?? { entries: [], connections: [] };
    const { ledger, refetches, view, settled, windows } = this.#parts;
    const isOwn = this.#isOwn.bind(this);
    await within(5_000, new AbortController().signal, settled()).catch(() => {});
    const refetched = await refetches.finish(isOwn, limitMs);
    const all = entries.map(({ entry, ending }): Ended => {
      const ended = ending ?? endingOf(entry, connections, true);
      return { entry, ending: overtaken(ended, entry, entries), cache: null };
    });
    await traceCaches(all, ledger);
    const exchanges: RecordedExchange[] = [];
    for (const ended of all)
      exchanges.push(await recordedExchange(ended, view, ledger, connections));
    return {
      exchanges: [...exchanges, ...refetched],
      dropped: ledger.dropped,
      connections,
      windows: windows.list(),
      wasStopped: windows.hasStopped,
    };
  }

  #own(): Entry[] {
    return this.#parts.ledger.entries.filter((one) => this.#isOwn(one));
  }

  /** What no session told of (a window that was closed at once) is listed with the first view. */
  #isOwn({ view }: Entry): boolean {
    return view === this.#parts.view || (this.#parts.isFirst && view === null);
  }
}

/** What was too slow was only overtaken where somebody did ask again; a frame shows nothing instead. */
function overtaken(ending: Ending, entry: Entry, all: Cut['entries']): Ending {
  if (ending.reason !== 'asked-again') return ending;
  const later = all.slice(all.findIndex((one) => one.entry === entry) + 1);
  const isAsked = later.some((one) => one.entry.type === 'document' && one.entry.url === entry.url);
  return isAsked ? ending : notKept('timed-out');
}

function isCut({ state, failure, response }: Entry): boolean {
  if (state !== 'failed' || failure === null || response?.status !== 200) return false;
  return !failure.canceled && failure.rule === null;
}

function documentOf(entry: Entry): MainDocument {
  return {
    url: entry.url,
    status: entry.response?.status ?? null,
    headers: entry.response?.headers ?? [],
    finished: entry.state !== 'open',
    failure: entry.failure?.words ?? null,
    trouble: entry.bodyTrouble,
    isFile: isFile(entry),
    isWhole: isAnsweredWhole(entry),
    body: async () => (entry.body === null ? null : entry.body.end()),
  };
}

export function mediaTypeOf({ response }: Pick<Entry, 'response'>): string {
  const value =
    response?.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  return value.split(';')[0]?.trim().toLowerCase() ?? '';
}
