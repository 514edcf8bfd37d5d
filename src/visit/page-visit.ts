/** What a visit to one page is given, what it has in hand while it lasts, and what it gives back. */
import type { Page } from 'playwright';
import type { Reason } from '../base/reasons.ts';
import type { OpenBrowser } from '../browser/browser.ts';
import type { StorageState } from '../browser/profiles.ts';
import type { ActionList } from '../model/actions.ts';
import type { NewArtifact } from '../model/artifact.ts';
import type { MediaRef, PageRecipe } from '../model/plan.ts';
import type { PageRecord } from '../recorder/page-record.ts';
import type { Recorder } from '../recorder/recorder.ts';
import type { Vault } from '../vault/vault.ts';
import type { RecordedExchange } from '../warc/exchange.ts';
import type { PassedPage } from './follow-refresh.ts';
import type { Note, PageEvents } from './page-events.ts';
import type { Verdict } from './verdict.ts';
import type { VisitArtifacts } from './visit-artifacts.ts';

export interface PageVisit extends Verdict {
  view: string;
  /** Why it isn't `done`; stable codes, see `failureReason`, and `focal-missing`, `is-download`, `too-large`, `renderer-crashed`, `page-closed`, `no-picture`. */
  reason: Reason | null;
  requestedUrl: string;
  /** Null: no page came. */
  finalUrl: string | null;
  httpStatus: number | null;
  title: string | null;
  text: string | null;
  /** Pages that led on to this one by themselves, in order. */
  passed: PassedPage[];
  /** The fragment of the address only names an element of the page. */
  namesElement: boolean;
  startedAt: string;
  artifacts: NewArtifact[];
  media: MediaRef[];
  /** What in the page speaks of a player; `null`: nobody looked, or nobody could. */
  players: string[] | null;
  /** Videos and sounds that played from memory, where no file has their name. */
  played: number;
  /** Bodies are files of the recorder's folder. */
  exchanges: RecordedExchange[];
  notes: Note[];
  /** How the page was visited and what was seen of it beyond the artifacts. Plain JSON. */
  facts: Record<string, unknown>;
}

export interface CaptureDeps {
  browser: OpenBrowser;
  recorder: Recorder;
  vault: Vault;
}

export interface CaptureOptions {
  /** The cut: from the start of the visit, load and scrolling included. Keeping what came takes a little longer. */
  timeoutMs: number;
  maxHeightPx: number;
  /** The page is settled when nothing was under way for so long. */
  settleMs: number;
  /** Cookies and storage of a named profile. */
  storageState?: StorageState;
  /** What a visitor does before looking a second time. */
  actions?: ActionList;
  /** Called when the page has come and is given time to rest: what needs the machine is best done then. */
  atRest?(): void;
}

/** A visit in the making. */
export interface VisitInHand {
  readonly deps: CaptureDeps;
  readonly recipe: PageRecipe;
  readonly options: CaptureOptions;
  readonly page: Page;
  readonly record: PageRecord;
  readonly events: PageEvents;
  readonly artifacts: VisitArtifacts;
  /** What is kept so far. */
  readonly visit: PageVisit;
  readonly signal: AbortSignal;
}

export function emptyVisit(recipe: PageRecipe, artifacts: NewArtifact[], notes: Note[]): PageVisit {
  return {
    view: recipe.view,
    state: 'failed',
    reason: null,
    requestedUrl: recipe.url,
    finalUrl: null,
    httpStatus: null,
    title: null,
    text: null,
    passed: [],
    namesElement: false,
    startedAt: new Date().toISOString(),
    artifacts,
    media: [],
    players: null,
    played: 0,
    exchanges: [],
    notes,
    facts: {},
  };
}
