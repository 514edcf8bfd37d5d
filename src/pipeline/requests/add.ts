/** What people and programs ask for: links captured and, where they say so, watched. */
import { openProfile } from '../../browser/profiles.ts';
import type { FoundLink } from '../../links/read-links.ts';
import type { SubmitOptions, Submitted } from '../../model/submission.ts';
import type { Queue } from '../../queue/queue.ts';
import { parsePlan } from '../../watch/plan.ts';
import { addLinks } from '../intake/add.ts';
import type { Terms } from '../intake/submit.ts';
import { leadsHome } from '../intake/what-becomes.ts';
import type { Parts } from '../parts.ts';
import { watchSource } from '../watching/watch.ts';

export type Request = Terms & Pick<SubmitOptions, 'watch' | 'timeZone'>;

/**
 * Adds links, and watches their sources where a plan is given. A plan or a profile that can't
 * be used is told before anything is added.
 * @throws UsageError `bad-plan`, `too-long`; NotFoundError `no-profile`
 */
export async function addRequested(
  parts: Parts,
  queue: Queue,
  links: FoundLink[],
  request: Request,
): Promise<Submitted[]> {
  const { watch, timeZone, ...terms } = request;
  if (watch !== undefined) parsePlan(watch, timeZone);
  if (terms.profile !== undefined) await openProfile(parts.home.folder, terms.profile);
  const submitted = await addLinks(parts, queue, links, terms);
  if (watch === undefined) return submitted;
  const { case: caseName, tags, note, by } = terms;
  for (const { key: sourceKey, link } of submitted) {
    // What policy refuses is not watched either; its capture says so.
    if (sourceKey === null || leadsHome(parts.config, sourceKey)) continue;
    await watchSource(parts, link, watch, { timeZone, case: caseName, tags, note, by, sourceKey });
  }
  return submitted;
}
