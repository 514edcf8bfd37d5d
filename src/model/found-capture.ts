/** Finding captures again: what may be asked, and what comes back. */
import type { CaptureState, Environment } from './capture-record.ts';
import type { Availability } from './signals.ts';

/** What captures are looked for by; all that is named must hold. */
export interface Question {
  /**
   * In the query language: words in any form, `"a phrase"`, `begin*`, `-not`, `or`, parentheses,
   * and fields such as `author:` or `case:`.
   */
  text?: string | undefined;
  /** A canonical key, or one that leads there. */
  source?: string | undefined;
  platform?: string | undefined;
  author?: string | undefined;
  /** One of the four states, or `unfinished`. */
  state?: string | undefined;
  case?: string | undefined;
  tag?: string | undefined;
  /** When the capture was opened: from `since` on, before `until`. */
  since?: Date | undefined;
  until?: Date | undefined;
  /** Of any file that the capture holds. */
  sha256?: string | undefined;
  /** `newest` first where left out; `best`: what holds the words as they were typed, and more of them, comes first. */
  order?: FindOrder | undefined;
  /** Default 100. */
  limit?: number | undefined;
  /** `next` of the page before. */
  after?: string | undefined;
}

/** Which captures come first. */
export type FindOrder = 'newest' | 'best';

/** One line of an answer; `show` has the rest. */
export interface FoundCapture {
  id: string;
  source: string;
  link: string;
  /** `null` while unfinished. */
  state: CaptureState | null;
  environment: Environment;
  openedAt: Date;
  finishedAt: Date | null;
  /** The case that it was first asked for. */
  case: string | null;
  /** Every case that the source is in now. */
  cases: string[];
  author: string | null;
  /** Of the post's text, or the title of the page. */
  firstLine: string | null;
  artifactCount: number;
  availability: Availability;
  /** Where words of the query stand; `null` where none was asked for, or none stands near the beginning. */
  snippet: FoundSnippet | null;
}

/** A place in a text of the capture: one line, with the words that were found. */
export interface FoundSnippet {
  /** What it is a part of: the post, a page, a picture, a recording, a document, a note. */
  from: 'post' | 'page' | 'picture' | 'recording' | 'document' | 'note';
  /** `…` stands where it was cut. */
  text: string;
  /** From and to of each word that was found, in UTF-16 units of `text`. */
  marks: [from: number, to: number][];
}

/** Captures in the order that was asked for, and where the following page begins. */
export interface FoundPage {
  rows: FoundCapture[];
  /** Cursor of the following page; `null` on the last. */
  next: string | null;
  /** `best` ranks the newest 1,000 that match: `true` where there are more. */
  ranked: 'all' | 'newest-1000';
  /** Captures that can't be found by their words yet, or not by their newest; up to 1,000 are counted. */
  notYetSearchable: number;
}

/** What captures are counted by. */
export type FacetName =
  | 'platform'
  | 'state'
  | 'case'
  | 'tag'
  | 'author'
  | 'host'
  | 'lang'
  | 'has'
  | 'now';

/** How many of the captures that match have which value. */
export interface Facets {
  /** So many captures were counted … */
  counted: number;
  /** … and these are all that match; `false`: there are more, and the newest were counted. */
  isAll: boolean;
  /** The most frequent values first, at most 50 each. */
  values: Record<FacetName, { value: string; count: number }[]>;
}
