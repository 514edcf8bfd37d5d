/**
 * What a platform must provide. `x/` and `web/` are the two examples; a third one is a
 * folder and a line in `platforms.ts`:
 *
 * 1. `identity.ts` exports a pure `identify`: address to canonical key `name:kind:id`, or a
 *    rejection, or `null` for an address of somebody else's. Keys begin with the platform's name.
 * 2. `record` asks every route it needs through `ask` (which keeps each answer before it is
 *    read) and reads the answers into signals. It claims only what the origin said: an answer
 *    it can't read is `extractor-broken` or `unknown`, trouble on the way is a fact about the
 *    way, and absence is only called a deletion where the origin calls it one.
 * 3. The plan it returns names pages (with the element that must be there, covers and wall
 *    markers), media (each with its ladder, best first) and which steps are required. Later
 *    stages carry it out without knowing the platform.
 * 4. `observe` asks whether the source is still there and still the same, by at least two
 *    routes where the first doesn't give it, and `canaries` names sources that show whether
 *    those routes can be believed.
 * 5. `renderPost`, where the source is a post: one self-contained page from its record.
 *
 * Parsers are total: for any bytes they return a reading and never throw.
 */
import type { Reason } from '../base/reasons.ts';
import type { Environment } from '../model/capture-record.ts';
import type { RecordWarning } from '../model/event-kinds.ts';
import type { CapturePlan } from '../model/plan.ts';
import type { Signal } from '../model/signals.ts';
import type { Identify, LinkFacts } from './identity.ts';
import type { Post } from './post.ts';

/** One request through one route, asked of the outside. */
export interface Question {
  /** Which route asks: `syndication`, `graphql`, `oembed`, `t.co` … Named in observations. */
  route: string;
  url: string;
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  maxBytes?: number;
}

/** What came back. Raw body and headers are in the vault before anybody parses them. */
export interface Answer {
  route: string;
  url: string;
  /** `null`: no HTTP answer came; `failure` says why. */
  status: number | null;
  headers: [name: string, value: string][];
  body: Buffer;
  bodySha256: string | null;
  /** Code of the transport failure: `dns`, `refused`, `reset`, `tls`, `timed-out` … */
  failure: string | null;
  observedAt: Date;
}

/** Asks and keeps. Never throws for what the outside does; throws when aborted or when nothing can be kept. */
export type Ask = (question: Question) => Promise<Answer>;

export type { Signal } from '../model/signals.ts';
export type { Author, Post } from './post.ts';

export interface Reading {
  route: string;
  signal: Signal;
  /** The origin's own words or code where it gave one. */
  statement: string | null;
  answer: Answer;
  /** SHA-256 of what matters in the source as this route shows it: another one means that it changed. */
  contentSha256?: string | null;
  /** Likes, replies and the like: kept as a series, never compared. */
  counters?: Record<string, number>;
  /** It looks gone, by a sign that honest pages give too: enough for a suspicion, never for more. */
  soft?: boolean;
  /** Something in the answer that a reader must be told, as code and words. */
  warning?: { code: RecordWarning; message: string };
}

export interface Hop {
  url: string;
  status: number | null;
  location: string | null;
  failure: string | null;
  at: string;
}

/** Everything that `record` learned, ready to be written down. */
export interface SourceRecord {
  /** Canonical key after resolving; equals the one asked for when nothing moved. */
  source: string;
  /** How a provisional key became canonical; empty when it already was. */
  hops: Hop[];
  readings: Reading[];
  post: Post | null;
  plan: CapturePlan;
  /** Things a reader must be told: `attribution-mismatch`, `identity-mismatch` … with words. */
  warnings: { code: RecordWarning; message: string }[];
  /** Why the record step is not `done`, if it isn't. */
  verdict: {
    state: 'done' | 'failed' | 'blocked' | 'skipped';
    reason: Reason | Signal | null;
    /** Set when nothing but rate limits stood in the way, and how long they ask to wait. */
    retryAfterMs?: number;
  };
}

export interface RecordRequest {
  source: string;
  link: string;
  facts: LinkFacts;
}

/** A stored file of the capture that a rendering may show. */
export interface RenderedMedia {
  mediaId: string;
  belongsTo: string;
  kind: 'picture' | 'video';
  /** Address under which the rendering page can load it (`data:` or loopback). */
  href: string;
  altText: string | null;
  width: number | null;
  height: number | null;
  /** Of the video that a frame stands for. */
  durationMs: number | null;
}

export interface ObserveRequest extends RecordRequest {
  /** Every route, even where the first one gave the source. */
  thorough: boolean;
}

/** Sources of which it is known what the platform must answer, asked beside one that seems gone. */
export interface Canaries {
  /** There, and likely to stay. */
  good: string[];
  /** Gone for good. A route that shows one of these can't be believed. */
  gone: string[];
}

export interface Platform {
  name: string;
  identify: Identify;
  /**
   * Is it there, and is it as it was? As cheap as can be: one small request where the first
   * route gives the source, every route where it doesn't. Empty: this source has no routes
   * but a capture.
   */
  observe(request: ObserveRequest, ask: Ask, signal: AbortSignal): Promise<Reading[]>;
  /** For this source; operators may name others. */
  canaries(source: string): Canaries;
  /** Asks every route it needs; the plan it returns is what the later stages carry out. */
  record(request: RecordRequest, ask: Ask, signal: AbortSignal): Promise<SourceRecord>;
  /**
   * What the visit to a page tells of the source itself. Absent where a page is only a picture
   * of it, and its record is what tells.
   */
  readVisit?(answer: Answer, source: string): Reading;
  /**
   * The source that this one leads to if its fragment proves to be the name of an element in the
   * page; `null` where that can't be. Absent where fragments mean nothing.
   */
  ifElement?(source: string): string | null;
  /** How other archives know a source of this platform; absent where none would. */
  atArchives?: {
    /** One that ends in `*` stands for all that begin so. */
    addresses(source: string, facts: LinkFacts): string[];
    isSame(source: string, original: string): boolean;
    /** A kept answer that can be read as a post; `null` for anything else. */
    read(bytes: Buffer, source: string): ThirdPartyReading | null;
  };
  /** Our own picture of a post, as one self-contained HTML page. Absent for pages. */
  renderPost?(post: Post, media: RenderedMedia[], note: RenderNote): string;
}

/** A post as a third party's copy of a record has it. */
export interface ThirdPartyReading {
  text: string;
  /** The copy says that more text exists than it holds. */
  textTruncated: boolean;
  /** Of nobody where the copy doesn't say which of the accounts in it is the author. */
  author: { handle: string | null; name: string | null };
  claimedAt: string | null;
  /** Addresses of its pictures at the origin. */
  media: string[];
}

/** What every rendering says about itself. */
export interface RenderNote {
  environment: Environment;
  captureId: string;
  renderedFrom: string;
}
