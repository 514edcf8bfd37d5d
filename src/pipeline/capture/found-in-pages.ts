/** What the visits of a capture tell its media step: which media there are, and what need not be asked for. */
import type { NewArtifact } from '../../model/artifact.ts';
import type { CapturePlan, MediaRef } from '../../model/plan.ts';
import type { PageVisit } from '../../visit/visit-page.ts';
import type { RecordedExchange } from '../../warc/exchange.ts';
import { storeFoundMedia } from '../found-media.ts';
import type { Parts } from '../parts.ts';
import { isLimited } from './asked-to-wait.ts';
import { withoutAddressesOfData } from './data-pictures.ts';
import { markRecorded } from './recorded-media.ts';

/** After the WARC was written: large bodies are in the vault then. */
export async function storeFoundInPages(
  parts: Pick<Parts, 'vault'>,
  plan: CapturePlan,
  visits: PageVisit[],
  kept: { withhold: boolean; signal: AbortSignal },
): Promise<NewArtifact[]> {
  if (!plan.pages.some(({ collectMedia }) => collectMedia)) return [];
  const exchanges = visits.flatMap((made) => made.exchanges);
  const found = visits.flatMap((made) => made.media);
  const numbered = numberedAfter(plan.media, await withoutAddressesOfData(parts, found));
  const media = await markRecorded(parts, numbered, exchanges, kept);
  const played = visits.reduce((sum, made) => sum + made.played, 0);
  const servedBy = hostsThatServed(exchanges, media);
  return [await storeFoundMedia(parts, { media, servedBy, players: playersOf(visits), played })];
}

/** Each view counts its media from 1: here they get numbers that the capture doesn't use yet. */
export function numberedAfter(known: MediaRef[], found: MediaRef[]): MediaRef[] {
  const taken = new Set(known.map(({ id }) => id));
  let number = 0;
  return found.map((ref) => {
    do number += 1;
    while (taken.has(String(number)));
    return { ...ref, id: String(number) };
  });
}

/** Of the hosts that media lie on: others are nobody's business later. */
function hostsThatServed(exchanges: RecordedExchange[], media: MediaRef[]): string[] {
  const hostOf = (url: string) => URL.parse(url)?.hostname ?? '';
  const wanted = new Set(
    media.flatMap(({ candidates }) => candidates.map(({ url }) => hostOf(url))),
  );
  const limited = new Set(exchanges.filter(isLimited).map(({ url }) => hostOf(url)));
  const served = exchanges
    .filter(({ class: ended, response }) => ended === 'recorded' && (response?.status ?? 500) < 400)
    .map(({ url }) => hostOf(url));
  return [...new Set(served)].filter((host) => wanted.has(host) && !limited.has(host)).toSorted();
}

/** Behind a wall, or where no page came, nobody has seen what there is. */
function playersOf(visits: PageVisit[]): string[] | null {
  const looked = new Set(['done', 'skipped']);
  const seen = visits.map(({ state, players }) => (looked.has(state) ? players : null));
  if (seen.length === 0 || seen.includes(null)) return null;
  return [...new Set(seen.flatMap((players) => players ?? []))];
}
