/** Perceptual hashes of what a capture holds: written beside its pictures and frames, and indexed for search. */
import type { NewArtifact } from '../artifact.ts';
import type { NewEvent } from '../catalog/events.ts';
import { errorCode } from '../errors.ts';
import { hashToHex, pdqOfRgb } from '../fingerprint/pdq.ts';
import { picturePixels } from '../media/pictures.ts';
import type { Parts, StageRun } from './parts.ts';

export interface Fingerprinted {
  /** The same artifacts; pictures and frames now say their PDQ in `facts.pdq`. */
  artifacts: NewArtifact[];
  /** `similar.found`: earlier captures that hold the same pictures. */
  events: NewEvent[];
}

const hashedRoles = new Set(['media.original', 'keyframe']);

/**
 * Called by a step with what it made, bytes in the vault and no rows yet: pictures
 * (`media.original`), shot frames (`keyframe`) and `hash-track`s, which name by
 * `derivedFrom` the video that they come from. What it returns is for the step's result.
 * A picture that does not decode has no hash; that is no failure of the step.
 */
export async function fingerprintMade(
  parts: Parts,
  run: Pick<StageRun, 'captureId' | 'signal'>,
  made: NewArtifact[],
): Promise<Fingerprinted> {
  const artifacts: NewArtifact[] = [];
  for (const artifact of made) {
    run.signal.throwIfAborted();
    artifacts.push(await withPdq(parts, artifact));
  }
  return { artifacts, events: [] };
}

async function withPdq(parts: Parts, artifact: NewArtifact): Promise<NewArtifact> {
  if (!hashedRoles.has(artifact.role) || !artifact.mediaType.startsWith('image/')) return artifact;
  try {
    const pixels = await picturePixels(await parts.vault.path(artifact.sha256));
    const { hash, quality } = pdqOfRgb(pixels);
    return { ...artifact, facts: { ...artifact.facts, pdq: { hash: hashToHex(hash), quality } } };
  } catch (error) {
    if (errorCode(error) !== 'not-decodable') throw error;
    return artifact;
  }
}
