/** `similar`: a file that is in no capture, or the media of a capture, looked up among all that is held. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { artifactsOf } from '../catalog/artifacts.ts';
import { NotFoundError, PermanentError } from '../errors.ts';
import { type PdqHash, pdqOfLuma64, pdqOfRgb } from '../fingerprint/pdq.ts';
import { framesToHash } from '../media/frames-to-hash.ts';
import { picturePixels } from '../media/pictures.ts';
import { sniff, sniffBytes } from '../media/sniff.ts';
import { askedOf, hashMedia, mediaAmong } from './fingerprint.ts';
import type { Parts } from './parts.ts';
import { hashFrames } from './picture-views.ts';
import { type Asked, findSimilar, type SimilarFile } from './similar.ts';

export interface SimilarAnswer {
  /** What was asked about. */
  sha256: string;
  name: string;
  similar: SimilarFile[];
}

/**
 * A picture or video on disk; nothing of it is stored.
 * @throws NotFoundError `no-such-file`, PermanentError `not-media`, `not-decodable`
 */
export async function similarToFile(
  parts: Pick<Parts, 'config' | 'database'>,
  file: string,
  signal: AbortSignal,
): Promise<SimilarAnswer> {
  const path = resolve(file);
  const kind = await kindOf(path);
  const sha256 = await sha256Of(path, signal);
  const asked =
    kind === 'picture' ? await askPicture(path, signal) : await askVideo(parts, path, signal);
  return { sha256, name: file, similar: await findSimilar(parts.database, asked, { signal }) };
}

/** Each medium of a capture, without itself among the answers. */
export async function similarToCapture(
  parts: Parts,
  captureId: string,
  signal: AbortSignal,
): Promise<SimilarAnswer[]> {
  const artifacts = await artifactsOf(parts.database, captureId);
  const answers: SimilarAnswer[] = [];
  for (const media of mediaAmong(artifacts)) {
    const { asked } = await hashMedia(parts, media, signal);
    const name = artifacts.find(({ sha256 }) => sha256 === media.sha256)?.name ?? media.sha256;
    const found = await findSimilar(parts.database, asked, { signal });
    answers.push({
      sha256: media.sha256,
      name,
      similar: found.filter(({ places }) => places.some((place) => place.captureId !== captureId)),
    });
  }
  return answers;
}

async function askPicture(path: string, signal: AbortSignal): Promise<Asked> {
  const frames = await hashFrames([{ path, atMs: null }], signal);
  if (frames.length === 0)
    throw new PermanentError('not-decodable', 'this picture does not decode');
  return askedOf(frames, []);
}

async function askVideo(
  parts: Pick<Parts, 'config'>,
  path: string,
  signal: AbortSignal,
): Promise<Asked> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-similar-'));
  try {
    const { shots, track } = await framesToHash(parts.config.tools, path, folder, signal);
    const hashed: Asked['track'] = [];
    for await (const { atMs, luma } of track()) {
      signal.throwIfAborted();
      hashed.push({ atMs, ...pdqOfLuma64(luma) });
    }
    return askedOf(await hashFrames(shots, signal), hashed);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface FileFingerprint {
  sha256: string;
  pdq: PdqHash;
}

/** SHA-256 and reference PDQ of a picture file. @throws as `similarToFile` */
export async function fingerprintFile(file: string, signal: AbortSignal): Promise<FileFingerprint> {
  const path = resolve(file);
  if ((await kindOf(path)) !== 'picture') {
    throw new PermanentError('not-a-picture', `${file} is not a picture`);
  }
  return { sha256: await sha256Of(path, signal), pdq: pdqOfRgb(await picturePixels(path)) };
}

async function kindOf(path: string): Promise<'picture' | 'video'> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw new NotFoundError('no-such-file', `can't read ${path}: ${cause.code ?? cause.message}`);
  });
  try {
    const head = Buffer.alloc(sniffBytes);
    const { bytesRead } = await file.read(head, 0, sniffBytes, 0);
    const { kind } = await sniff(head.subarray(0, bytesRead));
    if (kind === 'picture' || kind === 'video') return kind;
    throw new PermanentError('not-media', `${path} is neither a picture nor a video`);
  } finally {
    await file.close();
  }
}

async function sha256Of(path: string, signal: AbortSignal): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), digest, { signal });
  return digest.digest('hex');
}
