/** What a visit to a kind of page lacks of colours and of bodies that a visitor was shown. */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import type { PageVisit } from '../../src/visit/visit-page.ts';
import type { KindAnswer, PageKind } from '../internet/page-kinds/kind.ts';
import type { RecordingRig } from './recording-rig.ts';

/** Text that is drawn over a colour, and edges, cost no row. */
const rowsWithin = 8;

/** Colours that are in too few rows of every picture of the whole page, or in too many. */
export async function rowFaults(
  rig: RecordingRig,
  { drawn = [] }: PageKind,
  made: PageVisit,
): Promise<string[]> {
  if (drawn.length === 0) return [];
  const counts = await Promise.all(
    made.artifacts
      .filter(({ role }) => role === 'screenshot.full' || role === 'screenshot.scrolled')
      .map(async ({ sha256 }) => rowsOf(await rig.vault.read(sha256), drawn)),
  );
  return drawn.flatMap(([hex, rows, within = rowsWithin]) => {
    const seen = counts.map((count) => count.get(hex) ?? 0);
    const isSeen = seen.some((count) => Math.abs(count - rows) <= within);
    return isSeen ? [] : [`${hex} is in ${seen.join(' and ') || 'no'} rows instead of ${rows}`];
  });
}

/** How many rows of a picture have each of the colours. */
async function rowsOf(
  png: Buffer,
  drawn: NonNullable<PageKind['drawn']>,
): Promise<Map<string, number>> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const wanted = new Map(drawn.map(([hex]) => [Number.parseInt(hex.slice(1), 16), hex]));
  const counts = new Map<string, number>();
  for (let y = 0; y < info.height; y += 1) {
    const here = new Set<string>();
    for (let at = y * info.width * 3; at < (y + 1) * info.width * 3; at += 3) {
      const hex = wanted.get(data.readUIntBE(at, 3));
      if (hex !== undefined) here.add(hex);
    }
    for (const hex of here) counts.set(hex, (counts.get(hex) ?? 0) + 1);
  }
  return counts;
}

/** Bodies that are nowhere among the exchanges, and answers that are said not to be kept. */
export function bodyFaults(
  { seen = [], media = [], notKept = [] }: PageKind,
  files: Record<string, KindAnswer>,
  { exchanges, media: found }: PageVisit,
): string[] {
  const kept = new Set(exchanges.map(({ response }) => response?.body?.sha256));
  const lacking = seen.filter((one) => {
    const body = typeof one === 'string' ? bodyOf(files[one]) : one;
    return !kept.has(createHash('sha256').update(body).digest('hex'));
  });
  const named = lacking.map((one) => (typeof one === 'string' ? one : `${one.length} bytes`));
  const urls = found.flatMap(({ candidates }) => candidates.map(({ url }) => url));
  const unfound = media.filter((path) => !urls.some((url) => url.endsWith(path)));
  const missing = exchanges.filter((one) => one.class === 'not-kept');
  const needless = missing.filter(({ url }) => !notKept.some((end) => url.endsWith(end)));
  return [
    ...(named.length === 0 ? [] : [`no exchange has ${named.join(', ')}`]),
    ...unfound.map((path) => `no medium is ${path}`),
    ...needless.map(({ url, reason }) => `not kept: ${url} (${reason})`),
  ];
}

function bodyOf(file: KindAnswer | undefined): string | Buffer {
  if (file === undefined || typeof file !== 'object') throw new Error('its bytes are made later');
  return file.body;
}
