/** The media of a visit: what the page shows, and what it was given. */
import type { MediaRef } from '../../model/plan.ts';
import type { VisitInHand } from '../page-visit.ts';
import { mostMedia, pageMedia } from './page-media.ts';

/**
 * Called again, it adds what has come since.
 * @param file the address of what came instead of a page; `isShown`: there is a page to be asked
 */
export async function findMedia(
  { recipe, record, events, page, visit, signal }: VisitInHand,
  { file = null, isShown = false }: { file?: string | null; isShown?: boolean },
): Promise<void> {
  if (!recipe.collectMedia) return;
  const { media, omitted, played } = await pageMedia(
    page,
    {
      files: record.files(),
      downloads: events.downloads.filter((url) => url !== file),
      file,
      isShown,
    },
    signal,
  );
  visit.media = together(visit.media, media);
  visit.played = Math.max(visit.played, played);
  if (omitted > 0)
    events.note('media-capped', `${omitted} more pictures or videos were seen than are kept`);
}

/** Those that are known keep their numbers. */
function together(known: MediaRef[], found: MediaRef[]): MediaRef[] {
  const urls = new Set(known.flatMap(({ candidates }) => candidates.map(({ url }) => url)));
  const more = found.filter(({ candidates }) => !candidates.some(({ url }) => urls.has(url)));
  return [...known, ...more]
    .slice(0, mostMedia)
    .map((one, index) => ({ ...one, id: String(index + 1) }));
}
