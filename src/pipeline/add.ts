/** Links in, rows written, work handed to the queue. */
import type { FoundLink } from '../links/read-links.ts';
import type { Queue } from '../queue/queue.ts';
import { feed } from './feed.ts';
import type { Parts } from './parts.ts';
import { type SubmitOptions, type Submitted, submitLinks } from './submit.ts';

/** Rows first: even if the queue can't be reached now, the feeder finds them later. */
export async function addLinks(
  parts: Parts,
  queue: Queue,
  links: FoundLink[],
  options: SubmitOptions = {},
): Promise<Submitted[]> {
  const submitted = await submitLinks(parts, links, options);
  if (submitted.some((row) => row.opened)) await feed(parts, queue);
  return submitted;
}
