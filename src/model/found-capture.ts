/** Finding captures again: what may be asked, and what comes back. */
import type { CaptureState, Environment } from './capture-record.ts';
import type { Availability } from './signals.ts';

/** What captures are looked for by; all that is named must hold. */
export interface Question {
  /** Words that a post, page, case, tag or link holds; `"a phrase"`, `or` and `-not` work for text. */
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
  /** Default 100. */
  limit?: number | undefined;
  /** `next` of the page before. */
  after?: string | undefined;
}

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
  case: string | null;
  author: string | null;
  /** Of the post's text, or the title of the page. */
  firstLine: string | null;
  artifactCount: number;
  availability: Availability;
}

/** Captures, newest first, and where the following page begins. */
export interface FoundPage {
  rows: FoundCapture[];
  /** Cursor of the following page; `null` on the last. */
  next: string | null;
}
