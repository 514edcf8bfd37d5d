/** One act of asking: what is said beside a text with links, and what it led to. */

import type { Action } from './actions.ts';

/** Who asked: a person, another program through the queue, or a watch that was due. */
export type Origin = 'human' | 'program' | 'watch';

/** Stands in records where nobody said who they are: neither `by` nor HOLDFAST_OPERATOR. */
export const unnamed = 'unnamed';

/** What may be said beside a text with links; it holds for all of them. */
export interface SubmitOptions {
  /** The case that the links belong to, at most 200 characters. */
  case?: string | null;
  /** Words to find them by, at most 200 characters each. */
  tags?: string[];
  note?: string | null;
  /** Why this is collected. */
  reason?: string | null;
  /** Who asks; the setting HOLDFAST_OPERATOR where left out. */
  by?: string;
  /** Higher goes first, -1,000,000 to 1,000,000; 0 is ordinary. */
  priority?: number;
  /** Capture although one of the same source exists or is under way. */
  again?: boolean;
  /** Browser profile to look with: always a capture of its own. */
  profile?: string;
  /** What a visitor does on the page before a second set of pictures: always a capture of its own. */
  steps?: Action[];
  /** And come back: an interval such as `6h`, a cron expression, or `adaptive`. */
  watch?: string;
  /** Time zone of a cron expression, such as `Europe/Paris`; UTC by default. */
  timeZone?: string;
}

/** What became of one link. */
export interface Submitted {
  submissionId: string;
  /** Byte for byte as it was given. */
  link: string;
  /** Canonical key of the source; `null` where the link was rejected. */
  key: string | null;
  /** Why it was rejected, as a stable code; `null` where it wasn't. */
  rejected: string | null;
  /** The capture that it leads to; `null` where it was rejected. */
  captureId: string | null;
  /** Whether this submission opened the capture, or leads to one that was there. */
  opened: boolean;
}
