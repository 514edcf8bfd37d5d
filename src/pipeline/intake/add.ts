/** Links in, rows written, work handed to the queue. */
import { UnreachableError } from '../../base/errors.ts';
import type { FoundLink } from '../../links/read-links.ts';
import type { Queue } from '../../queue/queue.ts';
import type { Parts } from '../parts.ts';
import { feed } from './feed.ts';
import { type SubmitOptions, type Submitted, submitLinks } from './submit.ts';

/** Rows first: even if the queue can't be reached now, the feeder finds them later. */
export async function addLinks(
  parts: Parts,
  queue: Queue,
  links: FoundLink[],
  options: SubmitOptions = {},
): Promise<Submitted[]> {
  const submitted = await submitLinks(parts, links, options);
  if (!submitted.some((row) => row.opened)) return submitted;
  await feed(parts, queue).catch((error: unknown) => {
    if (!(error instanceof UnreachableError)) throw error;
    parts.log.warn({ err: error }, 'the queue is away: the feeder of the workers hands these over');
  });
  return submitted;
}
