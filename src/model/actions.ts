/** What a person would do on a page before looking at it again. */

/** By a CSS selector, or by words that are seen on it; the first that is visible, in any frame. */
export interface ActionTarget {
  selector?: string | undefined;
  text?: string | undefined;
}

/** `timeoutMs`: how long it may take; 10,000, for `scroll`, `expand` and `play` longer, where left out. */
export type Action =
  | ({ do: 'click'; timeoutMs?: number | undefined } & ActionTarget)
  /** For something to be seen, or for a time. */
  | ({ do: 'wait'; ms?: number | undefined; timeoutMs?: number | undefined } & ActionTarget)
  /** `to`: the end, the start, so many pixels, or what a selector or words name. */
  | ({
      do: 'scroll';
      to?: 'end' | 'start' | number | undefined;
      timeoutMs?: number | undefined;
    } & ActionTarget)
  /** Clicks on it again and again, until it is gone, nothing more comes, or it was clicked so often. */
  | ({ do: 'expand'; most?: number | undefined; timeoutMs?: number | undefined } & ActionTarget)
  /** Plays the first video or sound, or clicks on what starts one, and watches for a while. */
  | ({ do: 'play'; ms?: number | undefined; timeoutMs?: number | undefined } & ActionTarget);

/** Who asked for them: with the link, or for every page of a host. */
export interface ActionList {
  from: string;
  actions: Action[];
}

/** What became of one action. Part of the manifest. */
export interface ActionOutcome {
  do: Action['do'];
  /** What was looked for, as it was asked. */
  target: string | null;
  state: 'done' | 'failed' | 'skipped';
  /** Null: it was done. */
  reason: ActionReason | null;
  startedAt: string | null;
  tookMs: number;
  /** How often `expand` clicked. */
  times?: number;
}

/**
 * `not-found`: nothing visible is called so. `not-clickable`: something lies over it, or it moves.
 * `bad-selector`. `not-playing`: nothing played after the click. `not-scrolled`: the page
 * stands elsewhere. `timed-out`. `unresponsive`: the page
 * did not let it happen. `no-page`: there was none any more. `out-of-time`: the others took it all.
 */
export type ActionReason =
  | 'not-found'
  | 'not-clickable'
  | 'bad-selector'
  | 'not-playing'
  | 'not-scrolled'
  | 'timed-out'
  | 'unresponsive'
  | 'no-page'
  | 'out-of-time';

export const mostActions = 30;
/** For all actions of a page together. */
export const actionsLimitMs = 180_000;
