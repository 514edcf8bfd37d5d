/** The plan for visiting a source again. */

/** Hours of the day in which nobody is visited, as minutes after midnight of that time zone. */
export interface QuietRow {
  from: number;
  to: number;
  timeZone: string;
}

/** A watch as the catalog has it. `null` where something was not said or has not happened yet. */
export interface WatchRow {
  /** A source; or `case:NAME`, `author:PLATFORM:ID`, which stands for all of theirs. */
  sourceKey: string;
  link: string;
  /** One of these: an interval, `cron` with `timeZone`, or `adaptive`. */
  everyMs: number | null;
  cron: string | null;
  timeZone: string | null;
  adaptive: boolean;
  /** A capture at every visit, or only when something changed. */
  captures: 'always' | 'changed';
  state: 'active' | 'paused' | 'ended';
  /** Why it ended: `gone`, `end-date`. */
  endedReason: string | null;
  quiet: QuietRow | null;
  endsAt: Date | null;
  untilGone: boolean;
  /** The watch of a case or an author that this one came from. */
  scope: string | null;
  /** When the source was posted, where that is known. */
  bornAt: Date | null;
  /** Visited densely until then. */
  hotUntil: Date | null;
  caseName: string | null;
  tags: string[];
  note: string | null;
  nextDueAt: Date;
  lastSweptAt: Date | null;
  createdBy: string;
  createdAt: Date;
}

/** What may be said beside a plan. */
export interface WatchOptions {
  timeZone?: string;
  case?: string | null;
  tags?: string[];
  note?: string | null;
  by?: string;
  /** A capture at every visit (the default of intervals and cron) or when something changed (of adaptive). */
  captures?: 'always' | 'changed';
  /** `22:00-06:00` in the watch's time zone: nobody is visited then. */
  quiet?: string;
  endsAt?: Date | null;
  untilGone?: boolean;
  paused?: boolean;
}
