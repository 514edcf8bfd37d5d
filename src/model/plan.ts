/**
 * What the rooms hand each other about one capture: which steps it has, which pages to
 * visit and which media to fetch. Written once by the `resolve` stage, kept as the
 * artifact `plan.json`, read by every later stage. Plain data, so that it can be stored
 * and so that no stage needs to know a platform.
 */

import type { PlatformWord, WallReason } from '../base/reasons.ts';

export const stepNames = ['record', 'wayback', 'page', 'media', 'seal'] as const;
export type StepName = (typeof stepNames)[number];

/** `post`: known from a record, the page is a picture of it. `page`: the page is the thing. */
export type CaptureShape = 'post' | 'page';

export interface PlannedStep {
  name: StepName;
  /** A required step that fails or is cut makes the capture partial, blocked or failed. */
  required: boolean;
}

/** A sign, seen in a loaded page, that a wall stands where the content should be. */
export interface WallMarker {
  reason: WallReason;
  selector?: string;
  /** Compared case-folded with the visible text of the page. */
  text?: string;
  /** Regular expression source, compared with the final address. */
  address?: string;
}

/** How to photograph one page. Made by a platform, carried out by the page room. */
export interface PageRecipe {
  /** Names the view, and the folder of its artifacts: `page`, `embed`, `site`. */
  view: string;
  url: string;
  /** The element that is the post. Absent from the loaded page = this view failed. */
  focalSelector: string | null;
  /** Covers (cookie bars, sign-up bars): hidden in an extra shot, never in the first. */
  overlays: string[];
  wallMarkers: WallMarker[];
  /** Whether media seen in this page belong to the capture (`web`) or not (`x`). */
  collectMedia: boolean;
}

/** One rung of the ladder of variants that an origin offers for the same media. */
export interface MediaCandidate {
  url: string;
  /** Claimed by the origin, never believed: the file is sniffed and probed. */
  mediaType: string | null;
  width: number | null;
  height: number | null;
  bitrate: number | null;
  /** The visit to the page recorded this file whole: nobody asks for it again. */
  recorded?: RecordedFile | undefined;
  /** The same, but held as the browser decoded it: kept where nobody sends the file's own bytes. */
  decoded?: RecordedFile | undefined;
  /** With which headers the page asks for it; absent: it makes no difference. */
  asPage?: Record<string, string> | undefined;
}

/** A file that a page was given, with the exchange that brought it. Its bytes lie in the vault. */
export interface RecordedFile {
  sha256: string;
  sizeBytes: number;
  /** After redirects. */
  url: string;
  status: number;
  headers: [name: string, value: string][];
  remoteAddress: string | null;
  /** Every hop of the way, the one that answered included. */
  hops: { url: string; status: number; location: string | null }[];
  /**
   * `id` names its records in the WARC of the page; `refetched`: not by the browser, but by our
   * client for it. `null`: the address is itself the file (`data:`).
   */
  exchange: { id: string; view: string; startedAt: string; refetched: boolean } | null;
}

/** `file`: of any kind, and wanted as it is. `unknown`: a medium, whichever it is. */
export type MediaKind = 'picture' | 'video' | 'gif' | 'audio' | 'file' | 'unknown';

/** One picture or video that belongs to a capture, with every way to get it. */
export interface MediaRef {
  /** Stable inside the capture: `1`, `2` … in the order of the post or page. */
  id: string;
  kind: MediaKind;
  /** `post`, `quoted`, `page`, `avatar`, `poster`; `link`: what was asked for is this file. */
  belongsTo: string;
  /** Best first; the first that can be fetched whole is kept. */
  candidates: MediaCandidate[];
  /** Why the candidates stand in this order, in words for the record. */
  orderedBy: string;
  /** Small texts worth keeping beside it, such as an HLS master playlist. */
  alsoKeep: string[];
  altText: string | null;
  claimed: { durationMs: number | null; width: number | null; height: number | null };
  /** Set when the record says that the media is withheld, removed or embedded elsewhere. */
  unavailable: PlatformWord | null;
}

/** What the visits to the pages of a capture hand to its media step. */
export interface FoundMedia {
  media: MediaRef[];
  /** Hosts of these media that have just served the browser, and did not ask to be left alone. */
  servedBy: string[];
  /** What in the pages speaks of a player; `null` where nobody could look. */
  players: string[] | null;
  /** Videos and sounds that played in the pages from memory, where no file has their name. */
  played: number;
}

export interface CapturePlan {
  schema: 'holdfast.plan/1';
  /** The canonical key; provisional (`x:tco:…`) where resolving failed. */
  source: string;
  platform: string;
  shape: CaptureShape;
  steps: PlannedStep[];
  pages: PageRecipe[];
  media: MediaRef[];
}
