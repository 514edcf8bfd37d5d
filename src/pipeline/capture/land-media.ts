/** A file of the media step gets its row as it lands, so that a restart goes on from there. */

import { insertArtifacts } from '../../catalog/artifacts.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { Parts, StageRun } from '../parts.ts';
import { whileOpen } from '../still-open.ts';

/** @throws PermanentError for a closed capture */
export async function landMedia(
  parts: Parts,
  { captureId }: StageRun,
  artifacts: NewArtifact[],
): Promise<void> {
  await whileOpen(parts, captureId, (tx) => insertArtifacts(tx, captureId, 'media', artifacts));
}
