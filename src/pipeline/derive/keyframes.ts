/**
 * Frames of a video and sheets to see it at a glance, the hash of every frame, and the print of
 * its sound; of a long one a preview first, within seconds.
 */
import { isOriginal } from '../../catalog/held-files.ts';
import { timeCode } from '../../media/keyframes/contact-sheet.ts';
import { decodeKey } from '../../media/keyframes/decode-key.ts';
import { extractKeyframes, type KeyframeOptions } from '../../media/keyframes/keyframes.ts';
import { longMs, previewSheet } from '../../media/keyframes/preview.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { MadeDerivation } from '../../model/derivation.ts';
import { withHashes } from '../copies/fingerprint-media.ts';
import { type Deriver, type Deriving, isRecording, wantedOf } from './deriver.ts';

/** Stands in names for the file that frames are of, until they are shown in a capture. */
const refId = 'subject';

export const keyframes: Deriver = {
  kind: 'keyframes',
  tools: ['ffmpeg', 'ffprobe', 'sharp', 'libvips'],
  wanted: ({ artifacts }) =>
    wantedOf(
      'keyframes',
      artifacts.filter((artifact) => isOriginal(artifact) && isRecording(artifact)),
    ),
  key: (deriving) =>
    decodeKey(deriving.parts.config.tools, mediumOf(deriving), optionsFor(deriving)),
  make: extract,
};

/** Made before anything else, where the frames themselves take a minute or more. */
export const preview: Deriver = {
  kind: 'preview',
  tools: ['ffmpeg', 'ffprobe', 'sharp', 'libvips'],
  wanted: ({ artifacts }) =>
    wantedOf(
      'preview',
      artifacts.filter(
        (artifact) =>
          isOriginal(artifact) &&
          artifact.mediaType.startsWith('video/') &&
          (artifact.media?.durationMs ?? 0) >= longMs,
      ),
    ),
  key: keyframes.key,
  async make(deriving) {
    const { parts, pictures, signal } = deriving;
    const deps = { vault: parts.vault, tools: parts.config.tools, pictures };
    const options = { ...optionsFor(deriving), source: deriving.capture.source };
    const files = await previewSheet(deps, mediumOf(deriving), options, signal);
    return files.length === 0
      ? { state: 'skipped', reason: 'no-frames', files, detail: {} }
      : { state: 'done', reason: null, files: files.map(renamed), detail: {} };
  },
};

async function extract(deriving: Deriving): Promise<MadeDerivation> {
  const { parts, pictures, signal, tell } = deriving;
  const options: KeyframeOptions = {
    ...optionsFor(deriving),
    source: deriving.capture.source,
    onProgress: ({ doneMs, totalMs }) =>
      tell(`${timeCode(doneMs)}${totalMs === null ? '' : ` of ${timeCode(totalMs)}`}`),
  };
  const deps = { vault: parts.vault, tools: parts.config.tools, pictures };
  const { state, reason, artifacts, notes, leftOut } = await extractKeyframes(
    deps,
    mediumOf(deriving),
    options,
    signal,
  );
  const files = await withHashes(deps, artifacts, signal);
  return { state, reason, files: files.map(renamed), detail: { notes, leftOut } };
}

function optionsFor({ parts }: Deriving): KeyframeOptions {
  return {
    perMinute: parts.config.limits.keyframesPerMinute,
    hashRule: parts.config.inside.hashRule,
    environment: parts.home.environment,
  };
}

function mediumOf({ wanted: { subject, original } }: Deriving) {
  return {
    sha256: subject,
    mediaType: original?.mediaType ?? '',
    name: original?.name ?? subject,
    refId,
  };
}

function renamed(file: NewArtifact): NewArtifact {
  return { ...file, name: file.name.replace(`keyframes/${refId}/`, '') };
}
