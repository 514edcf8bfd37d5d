/** What is to be done about an X source once its record is known. */
import type { CapturePlan, MediaRef, PlannedStep } from '../../model/plan.ts';
import type { SourceRecord } from '../platform.ts';
import { saidByX } from './conclude.ts';
import { postPages } from './page.ts';

/** Files beside the post itself: missing them takes nothing from the capture. */
const besides = new Set(['avatar', 'quoted-avatar', 'poster']);

export interface Known {
  /** The record held the post; `false`: it may still be seen on a page. */
  post: boolean;
  id: string;
  handle: string | null;
  media: MediaRef[];
}

/**
 * A post needs its record, its media and one good view. Where X itself says that the post
 * can't be seen, a view of that notice is welcome but not required.
 */
export function postPlan(
  source: string,
  known: Known,
  verdict: SourceRecord['verdict'],
): CapturePlan {
  const own = known.media.filter((ref) => !besides.has(ref.belongsTo));
  const isNotice = !known.post && saidByX(verdict.reason);
  const steps: PlannedStep[] = [
    { name: 'record', required: true },
    { name: 'page', required: !isNotice },
  ];
  if (known.media.length > 0) steps.push({ name: 'media', required: own.length > 0 });
  steps.push({ name: 'seal', required: true });
  return {
    schema: 'holdfast.plan/1',
    source,
    platform: 'x',
    shape: 'post',
    steps,
    pages: postPages(known.id, known.handle, isNotice),
    media: known.media,
  };
}

/** Nothing to visit and nothing to fetch: the hops and answers are all there is. */
export function recordOnlyPlan(source: string): CapturePlan {
  return {
    schema: 'holdfast.plan/1',
    source,
    platform: 'x',
    shape: 'page',
    steps: [
      { name: 'record', required: true },
      { name: 'seal', required: true },
    ],
    pages: [],
    media: [],
  };
}
