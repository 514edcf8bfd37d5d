/** Whether a visit showed what it was made for: content, a wall, or neither. */

import type { Page } from 'playwright';
import type { Reason } from '../base/reasons.ts';
import type { DoorConnection } from '../egress/egress.ts';
import type { PageRecipe } from '../model/plan.ts';
import { connectionFor, failureReason } from '../recorder/failures.ts';
import type { MainDocument } from '../recorder/page-record.ts';
import { findWall } from './walls.ts';

export interface Verdict {
  /** `skipped`: there is no page, but a file, which the media step is to keep. */
  state: 'done' | 'failed' | 'blocked' | 'skipped';
  reason: Reason | null;
}

export interface Seen {
  page: Page;
  recipe: PageRecipe;
  shown: MainDocument | null;
  /** The element that the recipe is about is there; true when it names none. */
  hasFocal: boolean;
  text: string;
  connections: DoorConnection[];
  signal: AbortSignal;
}

/** The thing itself in the page outweighs every sign of a wall. */
export async function verdictOf(seen: Seen): Promise<Verdict> {
  const { recipe, shown, hasFocal, connections } = seen;
  const isThere = recipe.focalSelector !== null && hasFocal;
  const wall = isThere
    ? null
    : await findWall({
        page: seen.page,
        asked: recipe.url,
        status: shown?.status ?? null,
        headers: shown?.headers ?? [],
        markers: recipe.wallMarkers,
        text: seen.text,
        signal: seen.signal,
      });
  if (wall !== null) return { state: 'blocked', reason: wall };
  if (!hasFocal) return { state: 'failed', reason: 'focal-missing' };
  if (shown !== null && !shown.finished) return { state: 'failed', reason: 'timed-out' };
  if (shown?.failure) {
    const reason = failureReason(shown.failure, connectionFor(shown.url, connections));
    return { state: 'failed', reason };
  }
  return { state: 'done', reason: null };
}
