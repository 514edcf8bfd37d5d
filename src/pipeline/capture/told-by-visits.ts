/** What the visits to a page tell of its source: whether it is there, and under which key it belongs. */
import type { NewAlias } from '../../catalog/aliases.ts';
import type { NewObservation } from '../../catalog/observations.ts';
import type { CapturePlan } from '../../model/plan.ts';
import type { Answer, Platform, Reading } from '../../platforms/platform.ts';
import type { PageVisit } from '../../visit/visit-page.ts';
import { observationsFrom } from '../observations.ts';
import { type Parts, timeNow } from '../parts.ts';

const route = 'visit';

/** Of a post its record tells: nothing is added. */
export async function toldByVisits(
  parts: Pick<Parts, 'platformOf' | 'egress' | 'now'>,
  plan: CapturePlan,
  visits: PageVisit[],
): Promise<{ aliases: NewAlias[]; observations: NewObservation[] }> {
  const platform = await parts.platformOf(plan.source);
  const aliases = aliasesFrom(parts, platform, plan, visits);
  const source = aliases[0]?.sourceKey ?? plan.source;
  const observations = visits.flatMap((made) => {
    const answer = answerOf(made);
    const reading = platform.readVisit?.(answer, source);
    if (reading === undefined) return [];
    return observationsFrom(parts, source, [behindWall(made, reading)], [answer]);
  });
  return { aliases, observations };
}

/** A fragment that only names an element is no source of its own: its key leads to the page's. */
function aliasesFrom(
  parts: Pick<Parts, 'now'>,
  platform: Platform,
  { source }: CapturePlan,
  visits: PageVisit[],
): NewAlias[] {
  const target = platform.ifElement?.(source) ?? null;
  const shown = visits.find(({ namesElement, state }) => namesElement && state === 'done');
  if (target === null || shown === undefined) return [];
  const { requestedUrl: url, httpStatus: status } = shown;
  const hop = { url, status, location: null, failure: null, at: shown.startedAt };
  return [{ aliasKey: source, sourceKey: target, hops: [hop], seenAt: timeNow(parts) }];
}

function answerOf({
  finalUrl,
  requestedUrl,
  httpStatus,
  reason,
  startedAt,
  artifacts,
}: PageVisit): Answer {
  return {
    route,
    url: finalUrl ?? requestedUrl,
    status: httpStatus,
    // They are in the WARC, with everything else that was said.
    headers: [],
    body: Buffer.alloc(0),
    bodySha256: artifacts.find(({ role }) => role === 'html.received')?.sha256 ?? null,
    failure: httpStatus === null ? reason : null,
    observedAt: new Date(startedAt),
  };
}

/** A wall comes with any status, and says of the page only that it is not for us. */
function behindWall({ state, reason }: PageVisit, reading: Reading): Reading {
  if (state !== 'blocked' || reading.signal === 'rate-limited') return reading;
  const signal = reason === 'login-wall' ? 'login-required' : 'blocked';
  return { ...reading, signal, statement: reason };
}
