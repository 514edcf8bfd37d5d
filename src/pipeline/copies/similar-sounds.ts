/** The same sound under other pictures: looked for and told apart from what is seen, for speech and jingles are copied too. */

import type { NewEvent } from '../../catalog/events.ts';
import { placesOf } from '../../catalog/similar.ts';
import { insertSound, soundsSharing } from '../../catalog/sounds.ts';
import { stableId } from '../../catalog/stable-id.ts';
import {
  compareSounds,
  decodeSoundPrint,
  soundKeys,
  soundPrintRole,
} from '../../fingerprint/sound.ts';
import type { SimilarSound } from '../../model/similar-files.ts';
import type { Parts } from '../parts.ts';
import type { Held } from './fingerprint-media.ts';

const longestPrintBytes = 64 * 1024 * 1024;
const fewestShared = 3;

type Finding = Pick<Parts, 'database' | 'vault'>;

/** Media in captures with the same sound, those with the earliest known copy first. */
export async function findSimilarSounds(
  parts: Finding,
  asked: Uint32Array,
  signal: AbortSignal,
): Promise<SimilarSound[]> {
  const candidates = await soundsSharing(parts.database, soundKeys(asked), fewestShared);
  const places = Map.groupBy(
    await placesOf(
      parts.database,
      candidates.map(({ sha256 }) => sha256),
    ),
    ({ sha256 }) => sha256,
  );
  const found: SimilarSound[] = [];
  for (const { sha256, printSha256 } of candidates) {
    signal.throwIfAborted();
    const [first, ...others] = places.get(sha256) ?? [];
    if (first === undefined) continue;
    const match = compareSounds(await printOf(parts, printSha256), asked);
    if (match !== null) found.push({ sha256, ...match, places: [first, ...others] });
  }
  return found.sort((a, b) => a.places[0].storedAt.getTime() - b.places[0].storedAt.getTime());
}

/** The whole print, from the vault. */
export async function printOf(parts: Finding, sha256: string): Promise<Uint32Array> {
  return decodeSoundPrint(await parts.vault.read(sha256, longestPrintBytes));
}

/** The sound prints among these artifacts, with the media that they are of. */
export function printsAmong(held: Held[]): { sha256: string; printSha256: string }[] {
  return held.flatMap(({ role, sha256, derivedFrom }) =>
    role === soundPrintRole && derivedFrom !== null
      ? [{ sha256: derivedFrom, printSha256: sha256 }]
      : [],
  );
}

/** @returns how many were not in the index before */
export async function indexSounds(
  parts: Finding,
  held: Held[],
  anew: Set<string> = new Set(),
): Promise<number> {
  let fresh = 0;
  for (const print of printsAmong(held)) {
    const keys = soundKeys(await printOf(parts, print.printSha256));
    const replace = anew.has(print.sha256);
    if (await insertSound(parts.database, print, keys, { replace })) fresh += 1;
  }
  return fresh;
}

/** `similar.sound` for every earlier capture that has the same sound. */
export async function compareSoundsWithEarlier(
  parts: Finding,
  { captureId, source, signal }: { captureId: string; source: string; signal: AbortSignal },
  held: Held[],
  anew: Set<string>,
): Promise<NewEvent[]> {
  const events: NewEvent[] = [];
  await indexSounds(parts, held, anew);
  for (const { sha256, printSha256 } of printsAmong(held)) {
    const asked = await printOf(parts, printSha256);
    for (const found of await findSimilarSounds(parts, asked, signal)) {
      const { places, sha256: otherSha256, ...match } = found;
      const place = places.find(
        ({ captureId: theirs, source: other }) =>
          theirs !== captureId && (other !== source || otherSha256 !== sha256),
      );
      if (place === undefined) continue;
      const detail = {
        capture: captureId,
        ...{ sha256, otherSha256, otherCapture: place.captureId, otherSource: place.source },
        otherKeptAt: place.storedAt.toISOString(),
        seenIn: 'sound',
        ...match,
      };
      const id = stableId('similar.sound', captureId, sha256, otherSha256);
      events.push({ id, kind: 'similar.sound', sourceKey: source, detail, at: new Date() });
    }
  }
  return events;
}
