/** Perceptual hashes of pictures and videos, put into the index in which copies are found. */
import { fingerprintMethod } from '../../catalog/fingerprints.ts';
import { type HeldFile, isOriginal } from '../../catalog/held-files.ts';
import { hashTrackRole } from '../../fingerprint/hash-track.ts';
import { soundPrintRole } from '../../fingerprint/sound.ts';
import type { MadeDerivation } from '../../model/derivation.ts';
import { pictureHash } from '../copies/fingerprint-media.ts';
import { type Deriver, type Deriving, isPicture, isRecording, wantedOf } from './deriver.ts';

export const fingerprints: Deriver = {
  kind: 'fingerprints',
  tools: ['sharp', 'libvips'],
  wanted: ({ artifacts }) =>
    wantedOf(
      'fingerprints',
      artifacts.filter(
        (artifact) => isOriginal(artifact) && (isPicture(artifact) || isRecording(artifact)),
      ),
    ),
  // Of a video it depends on its frames too, which the newest decoding gave.
  key: async (deriving) => [fingerprintMethod, ...(await framesOf(deriving)).map(digest)].join(' '),
  make: hash,
};

async function hash(deriving: Deriving): Promise<MadeDerivation> {
  const { parts, pictures, wanted } = deriving;
  if (wanted.original !== null && isPicture(wanted.original)) {
    const pdq = await pictureHash({ vault: parts.vault, pictures }, wanted.subject);
    return pdq === null
      ? { state: 'failed', reason: 'not-decodable', files: [], detail: {} }
      : { state: 'done', reason: null, files: [], detail: { method: fingerprintMethod, pdq } };
  }
  const files = await framesOf(deriving);
  if (files.length === 0) return { state: 'skipped', reason: 'no-frames', files: [], detail: {} };
  return {
    state: 'done',
    reason: null,
    inputs: files.map(digest),
    files: [],
    detail: { method: fingerprintMethod, frames: countOf(files, 'keyframe') },
  };
}

/** Frames, hash track and sound print of the video. */
async function framesOf({ wanted, held }: Deriving): Promise<HeldFile[]> {
  const roles = ['keyframe', hashTrackRole, soundPrintRole];
  return (await held()).filter(
    ({ role, derivedFrom }) => derivedFrom === wanted.subject && roles.includes(role),
  );
}

function digest({ sha256 }: HeldFile): string {
  return sha256;
}

function countOf(files: HeldFile[], role: string): number {
  return files.filter((file) => file.role === role).length;
}
