/** What one step of a capture puts into its WARC part, and what comes of it. */
import type { RecordedBody, RecordedExchange } from './exchange.ts';

/** Bodies that were served or sent, from this size on, lie in the vault only; the part keeps the headers around them. */
export const largeBodyBytes = 1024 * 1024;

/** One of our own artifacts: it becomes a `resource` record, never passed off as something served. */
export interface WarcResource {
  /** `urn:` and nothing else: `urn:holdfast:page/screenshot.full.png`. */
  target: string;
  mediaType: string;
  /** When it was made, or the visit that made it began; UTC, ISO 8601. */
  at: string;
  /** Of an artifact of the capture: whatever its size, it isn't stored a second time. */
  body: RecordedBody;
}

/** A page that a view visited: the subject of one `urn:pageinfo` record. */
export interface WarcPage {
  /** The `view` of its exchanges. */
  view: string;
  /** Where the visit ended. */
  url: string;
  /** UTC, ISO 8601. */
  startedAt: string;
  title: string | null;
}

export interface WarcPart {
  /** Name of the step; the part is `archive/<step>.warc.gz` in a WACZ. */
  step: string;
  captureId: string;
  /** Goes into `warcinfo`: program and version, operator, environment … Plain words, one line each. */
  info: Record<string, string>;
  /** When the step began; dates `warcinfo`. UTC, ISO 8601. */
  startedAt: string;
  exchanges: RecordedExchange[];
  resources: WarcResource[];
  /** Every view has one, so that its requests are listed; those of other views are listed without a page. */
  pages: WarcPage[];
  /**
   * A logged-in profile was used: cookies, authorisation and their like go to a restricted
   * part, and every record that lost one says which.
   */
  withhold: boolean;
  /** Default `largeBodyBytes`. */
  largeFromBytes?: number;
}

/** Files to write, in a scratch folder; none may exist. */
export interface WarcPartFiles {
  /** `<step>.warc.gz`: WARC/1.1, one gzip member a record, `warcinfo` first. */
  warc: string;
  /** `<step>.cdxj`: an index line for everything replayable, sorted by bytes. */
  index: string;
  /** `<step>.large.json`: header blocks of large bodies (`LargePart`). Written only if there are any. */
  large: string;
  /** `<step>.restricted.warc.gz`: what was withheld, in the clear. Written only if anything was. */
  restricted: string;
}

export interface WrittenPart {
  files: WarcPartFiles;
  records: number;
  /** Bodies that the vault must hold; in the order of the large part, those of resources left out. */
  largeBodies: LargeBody[];
  hasLarge: boolean;
  hasRestricted: boolean;
}

/** What was served or sent, too large for the part. */
export interface LargeBody extends RecordedBody {
  url: string;
  /** As its headers say. */
  mediaType: string | null;
}

/** One record of the virtual `large.warc`, without its body. Field order is part of the format. */
export interface LargeEntry {
  /** From `WARC/1.1` to the empty line, exact. */
  warcHeader: string;
  /** HTTP status line and headers with the empty line, exact; empty for a `resource`. */
  httpHeader: string;
  bodySha256: string;
  bodySizeBytes: number;
}

/** The artifact `warc/<step>.large.json`. */
export interface LargePart {
  schema: 'holdfast.large-warc/1';
  /** A whole `warcinfo` record, exact: each part brings its own. */
  warcinfo: string;
  entries: LargeEntry[];
}
