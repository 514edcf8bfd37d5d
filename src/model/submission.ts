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

export const followLevels = ['none', 'embeds', 'body', 'all'] as const;
/**
 * `none`: only the page's own address, where it names one. `embeds`: and posts, clips and files.
 * `body`: and whatever the text itself links to. `all`: and menus, footers, related pages, buttons.
 */
export type FollowLevel = (typeof followLevels)[number];

/** Which links of a text are taken. */
export interface FollowChoice {
  /** `body` where left out. */
  follow?: FollowLevel;
  /** Only links of these platforms: `x`, `telegram`, `youtube` …, `web` for every other site. */
  platforms?: string[];
  /** Only links to the site that the page itself is of. */
  sameHost?: boolean;
}

/** A link that was seen and not taken. */
export interface AsideLink {
  link: string;
  /** Null: nothing that could be captured. */
  key: string | null;
  why: AsideReason;
}

/**
 * `navigation`: in a menu, footer, sidebar or the like. `related`: leads to another page of the same
 * site and stands alone. `share`: a button. `no-page`: `mailto:`, `javascript:` and what else can't
 * be captured. `not-asked-for`: by `follow`. `other-platform`, `other-host`: by those choices.
 */
export type AsideReason =
  | 'navigation'
  | 'related'
  | 'share'
  | 'no-page'
  | 'not-asked-for'
  | 'other-platform'
  | 'other-host';
