/** Text in pictures and in frames of videos. */
import { type HeldFile, isOriginal } from '../../catalog/held-files.ts';
import type { CapturedText } from '../../catalog/texts.ts';
import { hashFromHex } from '../../fingerprint/hash.ts';
import { spread } from '../../fingerprint/scoring.ts';
import {
  type Layout,
  openReader,
  type PictureText,
  plainText,
  type Reader,
  readerKey,
} from '../../media/inspect/ocr.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { MadeDerivation } from '../../model/derivation.ts';
import { type Deriver, type Deriving, isPicture, isPortrait, wantedOf } from './deriver.ts';
import { type Found, lookAt, type Picture, readInTurn, readingTimeMs } from './read-pictures.ts';

/** Smaller pictures are icons. */
const leastSidePx = 48;

export const ocr: Deriver = {
  kind: 'ocr',
  tools: ['tesseract', 'sharp', 'libvips'],
  wanted: ({ artifacts }, { config }) =>
    config.inside.ocrLanguages.length === 0
      ? []
      : wantedOf(
          'ocr',
          // Stills before frames: what somebody chose to show says more than what passes by.
          artifacts
            .filter((artifact) => isOriginal(artifact) && isReadable(artifact))
            .toSorted((one, other) => Number(isPicture(other)) - Number(isPicture(one))),
        ),
  async key(deriving) {
    const { layout, pictures } = await picturesOf(deriving);
    const { ocrPictures } = deriving.parts.config.inside;
    const digests = pictures.map(({ sha256 }) => sha256);
    return [readerKey(await readerOf(deriving), layout), ocrPictures, ...digests].join(' ');
  },
  make: readAll,
};

function isReadable(artifact: Parameters<typeof isPicture>[0] & HeldFileLike): boolean {
  if (isPortrait(artifact)) return false;
  if (!isPicture(artifact)) return artifact.mediaType.startsWith('video/');
  return Math.min(artifact.media?.width ?? 0, artifact.media?.height ?? 0) >= leastSidePx;
}

type HeldFileLike = Pick<HeldFile, 'facts' | 'mediaType' | 'media'>;

/** The picture itself; of a video its frames, each once. */
async function picturesOf({
  wanted,
  held,
}: Deriving): Promise<{ layout: Layout; pictures: Picture[] }> {
  const { original, subject } = wanted;
  if (original !== null && isPicture(original))
    return { layout: 'page', pictures: [{ sha256: subject, name: 'text', pdq: null }] };
  const frames = (await held()).filter(
    ({ role, derivedFrom }) => role === 'keyframe' && derivedFrom === subject,
  );
  const bySha256 = new Map(frames.map((frame) => [frame.sha256, frame]));
  const named = [...bySha256.values()].map(({ sha256, name, pdq }) => ({
    sha256,
    name: name.replace(/^.*\//, '').replace(/\.[^.]*$/, ''),
    pdq: pdq === null ? null : hashFromHex(pdq.hash),
  }));
  return { layout: 'scattered', pictures: named };
}

function readerOf({ parts, signal }: Deriving): Promise<Reader> {
  return openReader(parts.config.tools.tesseract, parts.config.inside.ocrLanguages, signal);
}

async function readAll(deriving: Deriving): Promise<MadeDerivation> {
  const { parts, reading } = deriving;
  const earlierMs = reading.spentMs;
  const { layout, pictures } = await picturesOf(deriving);
  const reader = await readerOf(deriving);
  const chosen = spread(pictures, parts.config.inside.ocrPictures);
  await using scratch = await parts.vault.scratch('ocr');
  const at = { reader, layout, folder: scratch.folder };
  const found = await lookAt(deriving, at, chosen);
  const { files, unread } = await readInTurn(deriving, at, found.written);
  const detail = {
    pictures: pictures.length,
    read: files.length,
    withText: files.filter(({ facts }) => Number(facts?.lines) > 0).length,
    withoutWriting: found.withoutWriting,
    ...cappedBy(pictures.length - chosen.length, unread, deriving),
    ...(reader.missing.length > 0 && { languagesMissing: reader.missing }),
    processorMs: reading.spentMs - earlierMs,
    notes: found.unreadable.map(({ name, code }) => `${name}: ${code}`),
  };
  const inputs = chosen.map(({ sha256 }) => sha256);
  return { ...howItEnded(files, found, unread), inputs, files, detail };
}

function howItEnded(
  files: NewArtifact[],
  { unreadable: [first], withoutWriting }: Found,
  unread: string[],
): Pick<MadeDerivation, 'state' | 'reason'> {
  if (files.length > 0 || withoutWriting > 0) return { state: 'done', reason: null };
  // Asked for again, it is read: another job has time of its own.
  if (unread.length > 0) return { state: 'skipped', reason: 'processor-limit' };
  return first === undefined
    ? { state: 'done', reason: null }
    : { state: 'failed', reason: first.code };
}

function cappedBy(unchosen: number, unread: string[], { parts }: Deriving): { capped?: string } {
  const limits = [
    ...(unchosen > 0
      ? [`${unchosen} pictures were not read: the limit is ${parts.config.inside.ocrPictures}`]
      : []),
    ...(unread.length > 0
      ? [
          `${unread.length} pictures were not read: all ${readingTimeMs / 1000} s of processor time ` +
            `that a capture has were spent (${unread.join(', ')})`,
        ]
      : []),
  ];
  return limits.length === 0 ? {} : { capped: limits.join('; ') };
}

export function readText(name: string, readFrom: string, text: PictureText): CapturedText {
  return { name, kind: 'ocr', readFrom, body: plainText(text) };
}
