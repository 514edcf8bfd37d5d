/** What media say beside their pictures: text that is read in them, speech where a program for it is set, and their own metadata. */

import { errorCode, NotFoundError } from '../../base/errors.ts';
import { type ArtifactRow, artifactsOf } from '../../catalog/artifacts.ts';
import { type CapturedText, readBefore } from '../../catalog/texts.ts';
import { spread } from '../../fingerprint/scoring.ts';
import { readEmbeddedMetadata } from '../../media/inspect/embedded-metadata.ts';
import {
  type Layout,
  openReader,
  type PictureText,
  plainText,
  type Reader,
  readerKey,
  readPicture,
} from '../../media/inspect/ocr.ts';
import { type Transcript, transcribe } from '../../media/inspect/transcribe.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { Manifest } from '../../seal/manifest.ts';
import type { Parts, StageRun } from '../parts.ts';
import { planOf, storeJson } from '../plan-file.ts';
import { runStep, type StepResult } from '../run-step.ts';

/** Beside the thing itself, and the same at every other post of its author. */
const besides = new Set(['avatar', 'quoted-avatar']);
/** Smaller pictures are icons. */
const leastSidePx = 48;

/** Called by the last stage that brings media: whichever of the two it is, each step is done once. */
export async function inspectMedia(
  parts: Parts,
  run: StageRun,
  stage: 'media' | 'keyframes',
): Promise<void> {
  const plan = await planOf(parts, run.captureId);
  const framesFollow = plan.steps.some(({ name }) => name === 'keyframes');
  if (stage === 'media' && framesFollow) return;
  const held = await artifactsOf(parts.database, run.captureId);
  const originals = held.filter(isOriginal);
  if (originals.length === 0) return;
  const optional = (name: 'ocr' | 'transcript' | 'metadata') => ({ name, required: false });
  const pictures = picturesAmong(held);
  if (pictures.length > 0 && parts.config.inside.ocrLanguages.length > 0) {
    await runStep(parts, run, optional('ocr'), () => readAll(parts, run, pictures));
  }
  const recordings = originals.filter(({ mediaType }) => /^(video|audio)\//.test(mediaType));
  if (recordings.length > 0 && parts.config.inside.transcriber !== null) {
    await runStep(parts, run, optional('transcript'), () => transcribeAll(parts, run, recordings));
  }
  // Last: what it says of an original holds after everything that read it.
  await runStep(parts, run, optional('metadata'), () => storeMetadata(parts, run, originals));
}

function isOriginal({ role, facts }: ArtifactRow): boolean {
  return role === 'media.original' && !besides.has(String(facts.belongsTo));
}

interface Readable {
  artifact: ArtifactRow;
  layout: Layout;
}

/** Stills before frames. */
function picturesAmong(held: ArtifactRow[]): Readable[] {
  const stills = held.filter(
    (artifact) =>
      isOriginal(artifact) && artifact.mediaType.startsWith('image/') && isLarge(artifact),
  );
  const frames = held.filter(({ role }) => role === 'keyframe');
  const as = (layout: Layout) => (artifact: ArtifactRow) => ({ artifact, layout });
  return [...stills.map(as('page')), ...frames.map(as('scattered'))];
}

function isLarge({ media }: ArtifactRow): boolean {
  return Math.min(media?.width ?? 0, media?.height ?? 0) >= leastSidePx;
}

async function readAll(parts: Parts, run: StageRun, pictures: Readable[]): Promise<StepResult> {
  const { tools, inside } = parts.config;
  const reader = await openReader(tools.tesseract, inside.ocrLanguages, run.signal).catch(
    (error: unknown) => {
      if (!['tool-missing', 'no-languages'].includes(errorCode(error))) throw error;
      return errorCode(error);
    },
  );
  if (typeof reader === 'string') return { state: 'skipped', reason: reader };
  const chosen = withinCap(pictures, inside.ocrPictures);
  await using scratch = await parts.vault.scratch('ocr');
  const artifacts: NewArtifact[] = [];
  const texts: CapturedText[] = [];
  const notes: string[] = [];
  for (const picture of chosen) {
    run.signal.throwIfAborted();
    const read = await readOne(parts, reader, picture, scratch.folder, run.signal);
    if (typeof read === 'string') {
      notes.push(`${picture.artifact.name}: ${read}`);
      continue;
    }
    artifacts.push(read.artifact);
    texts.push(read.text);
  }
  return {
    state: 'done',
    artifacts,
    texts,
    detail: {
      pictures: pictures.length,
      read: artifacts.length,
      withText: texts.filter(({ body }) => body !== '').length,
      ...(chosen.length < pictures.length && {
        capped: `${pictures.length - chosen.length} pictures not read: no more than ${inside.ocrPictures} of a capture are`,
      }),
      ...(reader.missing.length > 0 && { languagesMissing: reader.missing }),
      notes,
    },
  };
}

function withinCap(pictures: Readable[], most: number): Readable[] {
  const stills = pictures.filter(({ layout }) => layout === 'page').slice(0, most);
  const frames = pictures.filter(({ layout }) => layout === 'scattered');
  return [...stills, ...spread(frames, Math.max(0, most - stills.length))];
}

/** @returns why not, for a picture that can't be read */
async function readOne(
  parts: Parts,
  reader: Reader,
  { artifact: { sha256, name }, layout }: Readable,
  folder: string,
  signal: AbortSignal,
): Promise<{ artifact: NewArtifact; text: CapturedText } | string> {
  const key = readerKey(reader, layout);
  const earlier = await textBefore(parts, sha256, key);
  const artifactName = `ocr/${name.replaceAll('/', '-')}.json`;
  try {
    const path = await parts.vault.path(sha256);
    const read = earlier ?? (await readPicture(reader, { path, sha256, layout }, folder, signal));
    const kept = await storeJson(parts, 'ocr', artifactName, read);
    const facts = { reader: key, layout, lines: read.lines.length };
    return {
      artifact: { ...kept, derivedFrom: sha256, facts },
      text: { name: artifactName, kind: 'ocr', readFrom: sha256, body: plainText(read) },
    };
  } catch (error) {
    signal.throwIfAborted();
    if (errorCode(error) !== 'not-decodable') throw error;
    return errorCode(error);
  }
}

async function textBefore(
  parts: Parts,
  picture: string,
  reader: string,
): Promise<PictureText | null> {
  const before = await readBefore(parts.database, picture, reader);
  return before === null ? null : await documentOf<PictureText>(parts, before.sha256);
}

async function transcribeAll(
  parts: Parts,
  run: StageRun,
  recordings: ArtifactRow[],
): Promise<StepResult> {
  const command = parts.config.inside.transcriber ?? [];
  const artifacts: NewArtifact[] = [];
  const texts: CapturedText[] = [];
  const failed: Record<string, string> = {};
  for (const { sha256, name } of recordings) {
    try {
      const recording = { path: await parts.vault.path(sha256), sha256 };
      const { mediaTimeoutMs } = parts.config.limits;
      const transcript = await transcribe(command, recording, mediaTimeoutMs, run.signal);
      const artifactName = `transcript/${name.replaceAll('/', '-')}.json`;
      const kept = await storeJson(parts, 'transcript', artifactName, transcript);
      const facts = { files: transcript.files, language: transcript.language };
      artifacts.push({ ...kept, derivedFrom: sha256, facts });
      const body = spoken(transcript);
      texts.push({ name: artifactName, kind: 'transcript', readFrom: sha256, body });
    } catch (error) {
      run.signal.throwIfAborted();
      if (errorCode(error) === 'tool-missing') return { state: 'skipped', reason: 'tool-missing' };
      failed[name] = errorCode(error);
    }
  }
  const reason = Object.values(failed)[0] ?? null;
  return {
    state: reason === null ? 'done' : 'failed',
    reason,
    artifacts,
    texts,
    detail: { failed },
  };
}

function spoken({ segments }: Pick<Transcript, 'segments'>): string {
  return segments.map(({ text }) => text).join('\n');
}

async function storeMetadata(
  parts: Parts,
  run: StageRun,
  originals: ArtifactRow[],
): Promise<StepResult> {
  const artifacts: NewArtifact[] = [];
  const changed: string[] = [];
  for (const { sha256, mediaType, name } of originals) {
    run.signal.throwIfAborted();
    const path = await parts.vault.path(sha256);
    const found = await readEmbeddedMetadata(
      parts.config.tools,
      { path, sha256, mediaType },
      run.signal,
    );
    const after = await parts.vault.rehash(sha256, run.signal);
    if (after?.sha256 !== sha256) changed.push(name);
    const artifactName = `metadata/${name.replaceAll('/', '-')}.json`;
    const facts = { digestBefore: sha256, digestAfter: after?.sha256 ?? null };
    const kept = await storeJson(parts, 'metadata', artifactName, found);
    artifacts.push({ ...kept, derivedFrom: sha256, facts });
  }
  if (changed.length > 0) {
    return { state: 'failed', reason: 'original-changed', artifacts, detail: { changed } };
  }
  return { state: 'done', artifacts };
}

/** What was read and heard is an artifact: its rows are made again from there. */
export async function textsIn(parts: Parts, manifest: Manifest): Promise<CapturedText[]> {
  const texts: CapturedText[] = [];
  for (const { role, name, sha256, derivedFrom } of manifest.artifacts) {
    if ((role !== 'ocr' && role !== 'transcript') || derivedFrom === null) continue;
    const held = await documentOf<PictureText & Transcript>(parts, sha256);
    if (held === null) continue;
    const body = role === 'ocr' ? plainText(held) : spoken(held);
    texts.push({ name, kind: role, readFrom: derivedFrom, body });
  }
  return texts;
}

/** One of our own documents. Lost, it is lost to searching; `verify` names the missing file. */
async function documentOf<Document>(
  parts: Pick<Parts, 'log' | 'vault'>,
  sha256: string,
): Promise<Document | null> {
  try {
    return JSON.parse((await parts.vault.read(sha256)).toString('utf8'));
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    parts.log.warn({ sha256 }, 'a text that was read in a picture is missing from the vault');
    return null;
  }
}
