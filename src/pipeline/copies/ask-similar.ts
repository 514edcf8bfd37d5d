/** `similar`: a file that is in no capture, or the media of a capture, looked up among all that is held. */

import { access, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { NotFoundError, PermanentError } from '../../base/errors.ts';
import { sha256OfFile } from '../../base/file-digest.ts';
import { captureIdFrom } from '../../catalog/capture-id.ts';
import { heldFiles } from '../../catalog/held-files.ts';
import { type PdqHash, pdqOfLuma64, pdqOfRgb } from '../../fingerprint/pdq.ts';
import { decodeSoundPrint } from '../../fingerprint/sound.ts';
import { sniff, sniffBytes } from '../../media/fetch/sniff.ts';
import { printSound } from '../../media/inspect/sound-print.ts';
import { framesToHash } from '../../media/keyframes/frames-to-hash.ts';
import { openPictures, type Pictures } from '../../media/pictures/pictures.ts';
import { probeMedia } from '../../media/tools/probe.ts';
import type { SimilarAnswer, SimilarFile, SimilarSound } from '../../model/similar-files.ts';
import type { Parts } from '../parts.ts';
import { type Asked, askedOf, framesAsked, type TrackHash } from './asked.ts';
import { askedViewsOf, hashMedia, mediaAmong } from './fingerprint-media.ts';
import { askingAbout } from './named-file.ts';
import { hashFrames } from './picture-views.ts';
import { findSimilar } from './similar.ts';
import { findSimilarSounds, printOf, printsAmong } from './similar-sounds.ts';

/**
 * Copies that are held of a file on disk or, where there is no such file, of the media of the
 * capture with this id, each with those that were kept first in front.
 * @throws NotFoundError `no-such-file`, `no-capture`; UsageError `is-a-folder`, `not-a-file`,
 *   `not-media`, `not-decodable`, `short-id`, `ambiguous-id`
 */
export async function similarTo(
  parts: Parts,
  what: string,
  signal: AbortSignal,
): Promise<SimilarAnswer[]> {
  if (await isThere(what))
    return [await askingAbout(what, () => similarToFile(parts, what, signal))];
  if (/[./]/.test(what))
    throw new NotFoundError('no-such-file', `there is no file ${what}: name one, or a capture id`);
  return similarToCapture(parts, await captureIdFrom(parts.database, what), signal);
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * A picture, video or sound on disk; nothing of it is stored.
 * @throws NotFoundError `no-such-file`, PermanentError `not-media`, `not-decodable`
 */
export async function similarToFile(
  parts: Asking,
  file: string,
  signal: AbortSignal,
): Promise<SimilarAnswer> {
  const path = resolve(file);
  const kind = await kindOf(path);
  const name = { sha256: await sha256OfFile(path, signal), name: file };
  const find = (seen: Asked) => findSimilar(parts.database, seen, { signal });
  await using pictures = openPictures(signal);
  if (kind === 'picture') {
    const similar = await find(await askPicture(pictures, path, signal));
    return { ...name, frames: null, similar, sounds: [] };
  }
  const sounds = await soundsLike(parts, path, signal);
  if (kind === 'audio') return { ...name, frames: null, similar: [], sounds };
  const asked = await askVideo(parts, pictures, path, signal);
  return { ...name, frames: framesAsked(asked), similar: await find(asked), sounds };
}

type Asking = Pick<Parts, 'config' | 'database' | 'vault'>;

/** Each medium of a capture, without itself among the answers. */
export async function similarToCapture(
  parts: Parts,
  captureId: string,
  signal: AbortSignal,
): Promise<SimilarAnswer[]> {
  const artifacts = await heldFiles(parts.database, captureId);
  const elsewhere = ({ places }: Pick<SimilarFile, 'places'>) =>
    places.some((place) => place.captureId !== captureId);
  const nameOf = (wanted: string) =>
    artifacts.find(({ sha256 }) => sha256 === wanted)?.name ?? wanted;
  const answers: SimilarAnswer[] = [];
  await using pictures = openPictures(signal);
  for (const media of mediaAmong(artifacts)) {
    const { asked } = await hashMedia({ vault: parts.vault, pictures }, media, signal);
    const similar = (await findSimilar(parts.database, asked, { signal })).filter(elsewhere);
    const frames = media.kind === 'video' ? framesAsked(asked) : null;
    answers.push({ sha256: media.sha256, name: nameOf(media.sha256), frames, similar, sounds: [] });
  }
  for (const { sha256, printSha256 } of printsAmong(artifacts)) {
    const print = await printOf(parts, printSha256);
    const sounds = (await findSimilarSounds(parts, print, signal)).filter(elsewhere);
    answers.push({ sha256, name: nameOf(sha256), frames: null, similar: [], sounds });
  }
  return answers;
}

async function soundsLike(
  parts: Asking,
  path: string,
  signal: AbortSignal,
): Promise<SimilarSound[]> {
  await using scratch = await scratchFolder();
  const { tools } = parts.config;
  const probe = await probeMedia(tools, path, signal);
  const print = await printSound(tools, { path, probe, folder: scratch.folder }, signal);
  if (print === null) return [];
  return findSimilarSounds(parts, decodeSoundPrint(await readFile(print.path)), signal);
}

async function scratchFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-similar-'));
  return {
    folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

async function askPicture(pictures: Pictures, path: string, signal: AbortSignal): Promise<Asked> {
  const frames = await hashFrames(pictures, [{ path, atMs: null }], signal);
  if (frames.length === 0)
    throw new PermanentError(
      'not-decodable',
      'this picture does not decode: it is cut off or damaged',
    );
  return askedOf(askedViewsOf(frames), []);
}

async function askVideo(
  parts: Pick<Parts, 'config'>,
  pictures: Pictures,
  path: string,
  signal: AbortSignal,
): Promise<Asked> {
  await using scratch = await scratchFolder();
  const { shots, track } = await framesToHash(parts.config.tools, path, scratch.folder, signal);
  const hashed: TrackHash[] = [];
  for await (const { atMs, luma } of track()) {
    signal.throwIfAborted();
    hashed.push({ atMs, ...pdqOfLuma64(luma) });
  }
  return askedOf(askedViewsOf(await hashFrames(pictures, shots, signal)), hashed);
}

export interface FileFingerprint {
  sha256: string;
  pdq: PdqHash;
}

/** SHA-256 and reference PDQ of a picture file. @throws as `similarToFile` */
export async function fingerprintFile(
  pictures: Pictures,
  file: string,
  signal: AbortSignal,
): Promise<FileFingerprint> {
  const path = resolve(file);
  if ((await kindOf(path)) !== 'picture') {
    throw new PermanentError(
      'not-a-picture',
      'this is not a picture; to find copies of a video or sound, use holdfast similar',
    );
  }
  return { sha256: await sha256OfFile(path, signal), pdq: pdqOfRgb(await pictures.pixels(path)) };
}

async function kindOf(path: string): Promise<'picture' | 'video' | 'audio'> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw new NotFoundError('no-such-file', `can't read ${path}: ${cause.code ?? cause.message}`);
  });
  try {
    const head = Buffer.alloc(sniffBytes);
    const { bytesRead } = await file.read(head, 0, sniffBytes, 0);
    const { kind } = await sniff(head.subarray(0, bytesRead));
    if (kind === 'picture' || kind === 'video' || kind === 'audio') return kind;
    throw new PermanentError(
      'not-media',
      'this is not a picture, video or sound in a known format: name one, or a capture id',
    );
  } finally {
    await file.close();
  }
}
