/** Links in, rows written, work handed to the queue. */
import { UnreachableError } from '../../base/errors.ts';
import type { FoundLink } from '../../links/read-links.ts';
import type { Submitted } from '../../model/submission.ts';
import type { Queue } from '../../queue/queue.ts';
import type { Parts } from '../parts.ts';
import { feed } from './feed.ts';
import { submitLinks, type Terms } from './submit.ts';

/** Rows first: even if the queue can't be reached now, the feeder finds them later. */
export async function addLinks(
  parts: Parts,
  queue: Queue,
  links: FoundLink[],
  terms: Terms = {},
): Promise<Submitted[]> {
  const submitted = await submitLinks(parts, links, terms);
  if (!submitted.some((row) => row.opened)) return submitted;
  await feed(parts, queue).catch((error: unknown) => {
    if (!(error instanceof UnreachableError)) throw error;
    parts.log.warn({ err: error }, 'the queue is away: the feeder of the workers hands these over');
  });
  return submitted;
}
