/** Text in pictures and in frames of videos. */
import { errorCode } from '../../base/errors.ts';
import { readBefore } from '../../catalog/derivations.ts';
import { type HeldFile, isOriginal } from '../../catalog/held-files.ts';
import type { CapturedText } from '../../catalog/texts.ts';
import { spread } from '../../fingerprint/scoring.ts';
import {
  type Layout,
  openReader,
  type PictureText,
  plainText,
  type Reader,
  readerKey,
  readPicture,
} from '../../media/inspect/ocr.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { MadeDerivation } from '../../model/derivation.ts';
import { storeJson } from '../plan-file.ts';
import { type Deriver, type Deriving, isPicture, isPortrait, wantedOf } from './deriver.ts';

/** Smaller pictures are icons. */
const leastSidePx = 48;

export const ocr: Deriver = {
  kind: 'ocr',
  tools: ['tesseract'],
  wanted: ({ artifacts }, { config }) =>
    config.inside.ocrLanguages.length === 0
      ? []
      : wantedOf(
          'ocr',
          artifacts.filter((artifact) => isOriginal(artifact) && isReadable(artifact)),
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

/** The picture itself; of a video its frames. */
async function picturesOf({
  wanted,
  held,
}: Deriving): Promise<{ layout: Layout; pictures: Pick<HeldFile, 'sha256' | 'name'>[] }> {
  const { original, subject } = wanted;
  if (original !== null && isPicture(original))
    return { layout: 'page', pictures: [{ sha256: subject, name: 'text' }] };
  const frames = (await held()).filter(
    ({ role, derivedFrom }) => role === 'keyframe' && derivedFrom === subject,
  );
  const named = frames.map(({ sha256, name }) => ({
    sha256,
    name: name.replace(/^.*\//, '').replace(/\.[^.]*$/, ''),
  }));
  return { layout: 'scattered', pictures: named };
}

function readerOf({ parts, signal }: Deriving): Promise<Reader> {
  return openReader(parts.config.tools.tesseract, parts.config.inside.ocrLanguages, signal);
}

async function readAll(deriving: Deriving): Promise<MadeDerivation> {
  const { parts, signal, tell } = deriving;
  const { layout, pictures } = await picturesOf(deriving);
  const reader = await readerOf(deriving);
  const most = parts.config.inside.ocrPictures;
  const chosen = spread(pictures, most);
  await using scratch = await parts.vault.scratch('ocr');
  const files: NewArtifact[] = [];
  const notes: string[] = [];
  for (const [index, picture] of chosen.entries()) {
    signal.throwIfAborted();
    tell(`picture ${index + 1} of ${chosen.length}`);
    const read = await readOne(deriving, { reader, layout, folder: scratch.folder }, picture);
    if (typeof read === 'string') notes.push(`${picture.name}: ${read}`);
    else files.push(read);
  }
  const detail = {
    pictures: pictures.length,
    read: files.length,
    withText: files.filter(({ facts }) => Number(facts?.lines) > 0).length,
    ...(chosen.length < pictures.length && {
      capped: `${pictures.length - chosen.length} pictures were not read: the limit is ${most}`,
    }),
    ...(reader.missing.length > 0 && { languagesMissing: reader.missing }),
    notes,
  };
  const state = files.length === 0 && notes.length > 0 ? 'failed' : 'done';
  const inputs = chosen.map(({ sha256 }) => sha256);
  return { state, reason: state === 'done' ? null : 'not-decodable', inputs, files, detail };
}

interface Reading {
  reader: Reader;
  layout: Layout;
  folder: string;
}

/** The same picture is never read twice by the same reader. @returns why not, for one that can't be read */
async function readOne(
  { parts, signal }: Deriving,
  { reader, layout, folder }: Reading,
  { sha256, name }: Pick<HeldFile, 'sha256' | 'name'>,
): Promise<NewArtifact | string> {
  const key = readerKey(reader, layout);
  try {
    const path = await parts.vault.path(sha256);
    const before = await readBefore(parts.database, sha256, key);
    const text =
      (before === null ? null : await documentOf(parts, before)) ??
      (await readPicture(reader, { path, sha256, layout }, folder, signal));
    const kept = await storeJson(parts, 'ocr', `${name}.json`, text);
    return {
      ...kept,
      derivedFrom: sha256,
      facts: { reader: key, layout, lines: text.lines.length },
    };
  } catch (error) {
    signal.throwIfAborted();
    if (errorCode(error) !== 'not-decodable') throw error;
    return errorCode(error);
  }
}

/** Lost, it is read again. */
async function documentOf(
  { vault }: Pick<Deriving['parts'], 'vault'>,
  sha256: string,
): Promise<PictureText | null> {
  if (!(await vault.has(sha256))) return null;
  return JSON.parse((await vault.read(sha256)).toString('utf8'));
}

export function readText(name: string, readFrom: string, text: PictureText): CapturedText {
  return { name, kind: 'ocr', readFrom, body: plainText(text) };
}
