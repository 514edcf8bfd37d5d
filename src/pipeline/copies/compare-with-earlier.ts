/** What was kept before and shows or sounds the same as what a capture holds now. */

import type { NewEvent } from '../../catalog/events.ts';
import { indexFile } from '../../catalog/fingerprints.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { SimilarFile } from '../../model/similar-files.ts';
import type { Parts, StageRun } from '../parts.ts';
import { planOf } from '../plan-file.ts';
import { type Asked, framesAsked } from './asked.ts';
import {
  type Held,
  type HeldMedia,
  hashMedia,
  mediaAmong,
  withHashes,
} from './fingerprint-media.ts';
import { findSimilar } from './similar.ts';
import { compareSoundsWithEarlier } from './similar-sounds.ts';

export interface Fingerprinted {
  /** The same artifacts; pictures and frames now say their PDQ in `facts.pdq`. */
  artifacts: NewArtifact[];
  /** `similar.found`: what was kept before and shows the same. */
  events: NewEvent[];
}

/** What looks like very many files is a logo or a test card. */
const mostEvents = 20;

/**
 * Called by a step with what it made, bytes in the vault and no rows yet: pictures
 * (`media.original`), shot frames (`keyframe`) and `hash-track`s, which name by
 * `derivedFrom` the video that they come from. What it returns is for the step's result.
 */
export async function fingerprintMade(
  parts: Parts,
  run: Pick<StageRun, 'captureId' | 'signal'>,
  made: NewArtifact[],
): Promise<Fingerprinted> {
  return {
    artifacts: await withHashes(parts, made, run.signal),
    events: await compareWithEarlier(parts, run, made),
  };
}

/** Puts the media among these artifacts into the index and says what was kept before and shows the same. */
export async function compareWithEarlier(
  parts: Parts,
  run: Pick<StageRun, 'captureId' | 'signal'>,
  held: Held[],
): Promise<NewEvent[]> {
  const events: NewEvent[] = [];
  for (const media of mediaAmong(held)) {
    const hashed = await hashMedia(parts, media, run.signal);
    const { sha256, kind, trackSha256 } = media;
    await indexFile(parts.database, { sha256, kind, trackSha256 }, hashed.indexed);
    const found = await findSimilar(parts.database, hashed.asked, { signal: run.signal });
    events.push(...(await eventsFor(parts, run.captureId, { media, asked: hashed.asked }, found)));
  }
  return [...events, ...(await compareSoundsWithEarlier(parts, run, held))];
}

async function eventsFor(
  parts: Parts,
  captureId: string,
  { media, asked }: { media: HeldMedia; asked: Asked },
  found: SimilarFile[],
): Promise<NewEvent[]> {
  const { source } = await planOf(parts, captureId);
  const at = new Date();
  return found
    .flatMap((similar) => {
      const place = similar.places.find(
        (held) =>
          held.captureId !== captureId &&
          // The same file again at the same source is what a second visit brings.
          (held.source !== source || similar.sha256 !== media.sha256),
      );
      if (place === undefined) return [];
      const { places: _, best, sha256, ...facts } = similar;
      const detail = {
        sha256: media.sha256,
        otherSha256: sha256,
        otherCapture: place.captureId,
        otherSource: place.source,
        otherKeptAt: place.storedAt.toISOString(),
        seenIn: 'picture',
        ...(media.kind === 'video' && framesAsked(asked)),
        ...facts,
        ...best,
      };
      return [{ kind: 'similar.found', sourceKey: source, detail, at }];
    })
    .slice(0, mostEvents);
}
