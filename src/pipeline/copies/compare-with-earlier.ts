/** What was kept before and shows or sounds the same as what a capture holds now. */

import type { NewEvent } from '../../catalog/events.ts';
import { indexFile } from '../../catalog/fingerprints.ts';
import { stableId } from '../../catalog/stable-id.ts';
import type { SimilarFile } from '../../model/similar-files.ts';
import type { Parts } from '../parts.ts';
import { type Asked, framesAsked } from './asked.ts';
import {
  type Hashing,
  type Held,
  type HeldMedia,
  hashMedia,
  mediaAmong,
} from './fingerprint-media.ts';
import { findSimilar } from './similar.ts';
import { compareSoundsWithEarlier } from './similar-sounds.ts';

/** What looks like very many files is a logo or a test card. */
const mostEvents = 20;

/** The capture whose media are looked up among everything that was kept before. */
export interface Comparing {
  captureId: string;
  source: string;
  signal: AbortSignal;
}

/**
 * Puts the media among these files into the index, and says what was kept before and shows or
 * sounds the same. Ids of events follow from what they say, so that nothing is said twice.
 * @param anew SHA-256 of those whose fingerprints were just made, and take the place of older ones
 */
export async function compareWithEarlier(
  parts: Pick<Parts, 'database'> & Hashing,
  comparing: Comparing,
  held: Held[],
  anew: Set<string>,
): Promise<NewEvent[]> {
  const events: NewEvent[] = [];
  for (const media of mediaAmong(held)) {
    const hashed = await hashMedia(parts, media, comparing.signal);
    const { sha256, kind, trackSha256 } = media;
    const file = { sha256, kind, trackSha256 };
    await indexFile(parts.database, file, hashed.indexed, { replace: anew.has(sha256) });
    const { signal } = comparing;
    const found = await findSimilar(parts.database, hashed.asked, { signal });
    events.push(...eventsFor(comparing, { media, asked: hashed.asked }, found));
  }
  return [...events, ...(await compareSoundsWithEarlier(parts, comparing, held, anew))];
}

function eventsFor(
  { captureId, source }: Comparing,
  { media, asked }: { media: HeldMedia; asked: Asked },
  found: SimilarFile[],
): NewEvent[] {
  const at = new Date();
  return found
    .flatMap((similar): NewEvent[] => {
      const place = similar.places.find(
        (held) =>
          held.captureId !== captureId &&
          // The same file again at the same source is what a second visit brings.
          (held.source !== source || similar.sha256 !== media.sha256),
      );
      if (place === undefined) return [];
      const { places: _, best, sha256, ...facts } = similar;
      const detail = {
        capture: captureId,
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
      const id = stableId('similar.found', captureId, media.sha256, sha256);
      return [{ id, kind: 'similar.found', sourceKey: source, detail, at }];
    })
    .slice(0, mostEvents);
}
