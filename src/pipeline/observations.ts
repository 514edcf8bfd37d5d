/** From answers, and what the routes read in them, to observations. */
import type { NewObservation } from '../catalog/observations.ts';
import type { Answer, Reading } from '../platforms/platform.ts';
import type { Parts } from './parts.ts';

/** Every answer becomes an observation; one that no route could read is kept as `unknown`. */
export function observationsFrom(
  parts: Pick<Parts, 'egress'>,
  sourceKey: string,
  readings: Reading[],
  answers: Answer[],
): NewObservation[] {
  return answers.map((answer) => {
    const reading = readings.find((candidate) => candidate.answer === answer);
    return {
      sourceKey,
      route: answer.route,
      url: answer.url,
      httpStatus: answer.status,
      failure: answer.failure,
      signal: reading?.signal ?? (answer.failure === null ? 'unknown' : 'unreachable'),
      statement: reading?.statement ?? null,
      headers: answer.headers,
      bodySha256: answer.bodySha256,
      exitLabel: parts.egress.facts.exitLabel,
      observedAt: answer.observedAt,
      contentSha256: reading?.contentSha256 ?? null,
      counters: reading?.counters ?? null,
    };
  });
}
