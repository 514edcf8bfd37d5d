/**
 * A post that is captured again mostly brings the video that it had: the same bytes, read by
 * the same program under the same rule, are not decoded again, and each file says where it was made.
 */

import { type ArtifactRow, framesMadeBefore } from '../../catalog/artifacts.ts';
import { finalStep } from '../../catalog/steps.ts';
import type { Original } from '../../media/keyframes/frame-artifacts.ts';
import type { Keyframes } from '../../media/keyframes/keyframes.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { Parts } from '../parts.ts';

/** How a step writes down what became of one video. */
export interface VideoRecord extends Omit<Keyframes, 'artifacts'> {
  name: string;
}

/** Marks what is made now, so that a later capture finds it. */
export function withDecodeKey(artifact: NewArtifact, pass: string): NewArtifact {
  return { ...artifact, facts: { ...artifact.facts, pass } };
}

/** @returns what an earlier capture made of this video; `null` where none did, or one of its files is gone */
export async function framesBefore(
  parts: Pick<Parts, 'database' | 'vault'>,
  { sha256, name }: Pick<Original, 'sha256' | 'name'>,
  pass: string,
): Promise<Keyframes | null> {
  const held = await framesMadeBefore(parts.database, sha256, pass);
  const [first] = held;
  if (first === undefined) return null;
  const step = await finalStep(parts.database, first.captureId, first.step);
  const videos = (step?.detail.videos ?? []) as VideoRecord[];
  const record = videos.find((video) => video.name === name);
  if (record?.state !== 'done') return null;
  for (const artifact of held) if (!(await parts.vault.has(artifact.sha256))) return null;
  return {
    ...record,
    artifacts: held.map(asMadeThere),
    notes: [
      ...record.notes.filter((note) => !note.startsWith(code)),
      `${code}: ${originOf(first)}`,
    ],
  };
}

const code = 'made-before';

function asMadeThere(row: ArtifactRow): NewArtifact {
  const { role, name, mediaType, sizeBytes, sha256, derivedFrom, media, facts } = row;
  const file = { role, name, mediaType, sizeBytes, sha256, derivedFrom, media };
  return { ...file, facts: { ...facts, madeIn: originOf(row) } };
}

/** The capture whose worker made it, through however many that took it over. */
function originOf({ captureId, facts }: ArtifactRow): string {
  return typeof facts.madeIn === 'string' ? facts.madeIn : captureId;
}
