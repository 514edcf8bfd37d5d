/** A source that was found removed. */

/** A removal that was concluded, with what is known of it and whether we hold it. */
export interface Takedown {
  eventId: string;
  sourceKey: string;
  platform: string;
  authorId: string | null;
  authorHandle: string | null;
  /** Signal behind it: `deleted-by-author`, `account-suspended`, `not-found` … */
  kind: string | null;
  firstSeen: Date | null;
  lastSeen: Date | null;
  firstMissed: Date | null;
  confirmedAt: Date;
  /** When it was found to be back, whenever that was; null: not so far. */
  restoredAt: Date | null;
  /** Captures that hold it, complete or partial, opened before it was last missed. */
  captures: number;
}

export const takedownGroupings = ['platform', 'author', 'month'] as const;
/** What removals are counted by. */
export type TakedownGrouping = (typeof takedownGroupings)[number];

/** Removals of one kind in one group. */
export interface TakedownCount {
  platform: string;
  /** `2026-11`, of the conclusion; `null` unless they are counted by month. */
  month: string | null;
  /** As of the newest capture that has an author; `null` unless they are counted by author. */
  authorId: string | null;
  authorHandle: string | null;
  kind: string | null;
  removed: number;
  /** Of these, found to be back, whenever that was. */
  restored: number;
  /** Of these, held by a capture that was opened before they were last missed. */
  kept: number;
}

/** When removals were concluded, and of which sources. */
export interface TakedownPeriod {
  /** Concluded at or after; left out: ever since. */
  from?: Date;
  /** Concluded before; left out: until now. */
  to?: Date;
  /** Only of the sources of this case. */
  case?: string | undefined;
}
