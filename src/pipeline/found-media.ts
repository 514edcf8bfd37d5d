/** What a visit found of media, handed from the page step to the media step as an artifact. */
import { z } from 'zod';
import { artifactByName } from '../catalog/artifacts.ts';
import type { NewArtifact } from '../model/artifact.ts';
import type { CapturePlan, FoundMedia } from '../model/plan.ts';
import type { Parts } from './parts.ts';
import { mediaRefs, storeJson } from './plan-file.ts';

const fileName = 'media-found.json';
const schema = 'holdfast.media-found/1';

const foundMedia = z.object({
  schema: z.literal(schema),
  media: mediaRefs,
  servedBy: z.array(z.string()),
  players: z.array(z.string()).nullable(),
  played: z.number().default(0),
});

/** Version 0.1.0 handed over the media alone. */
const foundBefore = mediaRefs.transform((media) => ({
  media,
  servedBy: [],
  players: null,
  played: 0,
}));

export async function storeFoundMedia(
  parts: Pick<Parts, 'vault'>,
  found: FoundMedia,
): Promise<NewArtifact> {
  return storeJson(parts, 'media.found', fileName, { schema, ...found });
}

/** All media of a capture: those of its plan, and those that were found in its pages. */
export async function mediaOf(
  parts: Pick<Parts, 'database' | 'vault'>,
  captureId: string,
  plan: CapturePlan,
): Promise<FoundMedia> {
  const kept = await artifactByName(parts.database, captureId, fileName);
  if (kept === null) return { media: plan.media, servedBy: [], players: null, played: 0 };
  const bytes = await parts.vault.read(kept.sha256);
  const found = z.union([foundMedia, foundBefore]).parse(JSON.parse(bytes.toString('utf8')));
  return { ...found, media: [...plan.media, ...found.media] };
}
