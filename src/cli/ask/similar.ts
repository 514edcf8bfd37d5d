import type { Command } from 'commander';
import { exits } from '../../base/exit-codes.ts';
import { forTerminal } from '../../base/for-terminal.ts';
import { plural } from '../../base/plural.ts';
import type { SimilarAnswer, SimilarFile, SimilarSound } from '../../model/similar-files.ts';
import { similarTo } from '../../pipeline/copies/ask-similar.ts';
import { type Format, type Listing, printListing, shortTime, write } from '../terminal/output.ts';
import { formatOf, globals, withExisting } from '../verb.ts';

type AskedOf = Pick<SimilarAnswer, 'sha256' | 'name' | 'frames'>;

interface Row extends SimilarFile {
  asked: AskedOf;
}

interface SoundRow extends SimilarSound {
  asked: AskedOf;
}

const listing: Listing<Row> = {
  columns: [
    { title: 'FIRST KEPT', value: (row) => shortTime(row.places[0].storedAt) },
    { title: 'CAPTURE', value: (row) => row.places[0].captureId },
    { title: 'SOURCE', value: (row) => row.places[0].source, width: 44 },
    { title: 'FILE', value: (row) => row.places[0].name, width: 24 },
    { title: 'FOUND', value: foundInWords },
    { title: 'DISTANCE', value: (row) => row.best.distance },
    { title: 'QUALITY', value: (row) => row.best.quality },
    { title: 'VIEW', value: viewInWords },
    { title: 'THERE', value: (row) => inSeconds(row.best.atMs) },
    { title: 'HERE', value: (row) => inSeconds(row.best.askedAtMs) },
    { title: 'COPIES', value: (row) => row.places.length },
  ],
  id: (row) => row.places[0].captureId,
  record: ({ asked, ...row }) => ({
    schema: 'holdfast.similar/1',
    asked,
    seenIn: 'picture',
    ...row,
  }),
  nothing: 'no copy is in the archive. That says nothing about copies that were never captured.',
};

function foundInWords({ kind, share, foundMoments, indexedMoments }: SimilarFile): string {
  if (kind === 'picture') return 'picture';
  return `${Math.round(share * 100)} % of ${plural(indexedMoments, 'moment')} (${foundMoments})`;
}

function viewInWords({ best }: SimilarFile): string {
  const quarters = best.quarters > 0 ? `, ${plural(best.quarters, 'quarter')}` : '';
  const turned = best.turned === 'original' ? '' : `, ${best.turned}`;
  return `${best.view}${quarters}${turned}`;
}

function inSeconds(ms: number | null): string {
  return ms === null ? '' : `${(ms / 1000).toFixed(2)} s`;
}

const soundListing: Listing<SoundRow> = {
  columns: [
    { title: 'FIRST KEPT', value: (row) => shortTime(row.places[0].storedAt) },
    { title: 'CAPTURE', value: (row) => row.places[0].captureId },
    { title: 'SOURCE', value: (row) => row.places[0].source, width: 44 },
    { title: 'THE SAME SOUND', value: (row) => `${(row.lengthMs / 1000).toFixed(1)} s` },
    { title: 'BITS DIFFER', value: (row) => `${(row.differing * 100).toFixed(1)} %` },
    { title: 'THERE', value: (row) => inSeconds(row.atMs) },
    { title: 'HERE', value: (row) => inSeconds(row.askedAtMs) },
  ],
  id: (row) => row.places[0].captureId,
  record: ({ asked, ...row }) => ({
    schema: 'holdfast.similar-sound/1',
    asked,
    seenIn: 'sound',
    ...row,
  }),
  nothing: 'no similar sound is in the archive',
};

/** Copies held of a file on disk (which is not stored) or of the media of a capture, earliest first. */
export async function similar(what: string, command: Command): Promise<void> {
  const options = globals(command);
  await withExisting(options, async ({ parts }) => {
    const answers = await similarTo(parts, what, new AbortController().signal);
    print(answers, formatOf(options));
    if (answers.every((answer) => answer.similar.length + answer.sounds.length === 0)) {
      process.exitCode = exits.notFound.code;
    }
  });
}

/** What is seen first, then what is heard: one document, two tables. */
function print(answers: SimilarAnswer[], format: Format): void {
  for (const { name, frames } of answers) sayThinned(name, frames);
  const seen = answers.flatMap(({ similar: found, sha256, name, frames }) =>
    found.map((row) => ({ ...row, asked: { sha256, name, frames } })),
  );
  const heard = answers.flatMap(({ sounds, sha256, name, frames }) =>
    sounds.map((row) => ({ ...row, asked: { sha256, name, frames } })),
  );
  if (format === 'json') {
    const records = [...seen.map(listing.record), ...heard.map(soundListing.record)];
    write(JSON.stringify(records, null, 2));
    return;
  }
  printListing(seen, listing, format);
  if (heard.length > 0) printListing(heard, soundListing, format);
}

/** To stderr, whatever the format: a frame that was not asked about may be the one that is held. */
function sayThinned(name: string, frames: SimilarAnswer['frames']): void {
  if (frames === null || frames.askedFrames === frames.distinctFrames) return;
  const { askedFrames, distinctFrames } = frames;
  console.error(
    `${forTerminal(name)}: ${askedFrames} of ${plural(distinctFrames, 'distinct frame')} looked up, evenly spread`,
  );
}
