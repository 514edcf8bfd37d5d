/** What came with the link of a capture: claims, and how it is to be looked at. */
import { captureById } from '../catalog/captures.ts';
import { submissionById } from '../catalog/submissions.ts';
import type { LinkFacts } from '../platforms/identity.ts';
import type { Parts } from './parts.ts';

/** Empty where there is no submission. `profile` names the browser profile to look with, `steps` is a list of actions as JSON. */
export async function factsOf(
  { database }: Pick<Parts, 'database'>,
  captureId: string,
): Promise<LinkFacts & { profile?: string; steps?: string }> {
  const capture = await captureById(database, captureId);
  const submission = capture && (await submissionById(database, capture.submissionId));
  return submission?.facts ?? {};
}
