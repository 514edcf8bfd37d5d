/** What an original says about itself: container, EXIF, XMP, profile. It is only read. */
import { IntegrityError } from '../../base/errors.ts';
import type { ArtifactRow } from '../../catalog/artifacts.ts';
import { isOriginal } from '../../catalog/held-files.ts';
import { readEmbeddedMetadata } from '../../media/inspect/embedded-metadata.ts';
import type { MadeDerivation } from '../../model/derivation.ts';
import { storeJson } from '../plan-file.ts';
import { type Deriver, type Deriving, isPortrait, wantedOf } from './deriver.ts';

export const metadata: Deriver = {
  kind: 'metadata',
  tools: ['ffprobe', 'sharp', 'libvips'],
  wanted: ({ artifacts }) =>
    wantedOf(
      'metadata',
      artifacts.filter((artifact) => isMedium(artifact) && !isPortrait(artifact)),
    ),
  key: async ({ parts }) => {
    const { ffprobe } = await parts.tools();
    return `metadata/1 ${String(ffprobe)}`;
  },
  make: read,
};

function isMedium(artifact: ArtifactRow): boolean {
  return isOriginal(artifact) && artifact.role !== 'file.original';
}

async function read({ parts, pictures, wanted, signal }: Deriving): Promise<MadeDerivation> {
  const { subject: sha256, original } = wanted;
  const path = await parts.vault.path(sha256);
  const medium = { path, sha256, mediaType: original?.mediaType ?? '' };
  const deps = { tools: parts.config.tools, pictures };
  const found = await readEmbeddedMetadata(deps, medium, signal);
  const after = await parts.vault.rehash(sha256, signal);
  if (after?.sha256 !== sha256)
    throw new IntegrityError('original-changed', `${sha256} is not what it was after reading it`);
  const kept = await storeJson(parts, 'metadata', 'metadata.json', found);
  const facts = { digestBefore: sha256, digestAfter: after.sha256 };
  return {
    state: 'done',
    reason: null,
    files: [{ ...kept, derivedFrom: sha256, facts }],
    detail: {},
  };
}
