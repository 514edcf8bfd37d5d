/** Media held by captures, as the pipeline leaves them, without fetching anything. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { NewArtifact } from '../../src/artifact.ts';
import { insertArtifacts } from '../../src/catalog/artifacts.ts';
import type { Database } from '../../src/catalog/database.ts';
import { insertEvents, type NewEvent } from '../../src/catalog/events.ts';
import {
  encodeHashTrack,
  hashTrackMediaType,
  hashTrackRole,
} from '../../src/fingerprint/hash-track.ts';
import { pdqOfLuma64 } from '../../src/fingerprint/pdq.ts';
import { framesToHash } from '../../src/media/frames-to-hash.ts';
import { extractKeyframes } from '../../src/media/keyframes.ts';
import { fingerprintMade } from '../../src/pipeline/fingerprint.ts';
import type { Parts } from '../../src/pipeline/parts.ts';
import { keepPlan } from '../../src/pipeline/plan-file.ts';
import { openFileVault } from '../../src/vault/files.ts';
import { open } from './catalog.ts';

const tools = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
const never = new AbortController().signal;

/** The parts that fingerprints need, and a folder to make media in. */
export async function mediaParts(database: Database) {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-similar-test-'));
  const vault = await openFileVault(join(folder, 'vault'));
  const log = pino({ level: 'silent' });
  const parts = { database, vault, log, config: { tools, operator: 'tester' } } as unknown as Parts;
  return { parts, folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

export interface Kept {
  captureId: string;
  /** Of the medium itself. */
  sha256: string;
  events: NewEvent[];
}

/** A capture of a post that holds this one picture. */
export async function keepPicture(parts: Parts, path: string, source: string): Promise<Kept> {
  const captureId = await opened(parts, source);
  const original = await originalOf(parts, path, 'image/png', 'media/1.png');
  return keep(parts, captureId, original, [original]);
}

/** A capture of a post that holds this one video, with its keyframes and its hash track. */
export async function keepVideo(parts: Parts, path: string, source: string): Promise<Kept> {
  const captureId = await opened(parts, source);
  const original = await originalOf(parts, path, 'video/mp4', 'media/1.mp4');
  await insertArtifacts(parts.database, captureId, 'media', [original]);
  const { sha256, mediaType, name } = original;
  const { artifacts } = await extractKeyframes(
    { vault: parts.vault, tools },
    { sha256, mediaType, name, refId: '1' },
    { environment: 'demo' },
    never,
  );
  const track = await trackOf(parts, path, sha256);
  const made = artifacts.filter(({ role }) => role !== hashTrackRole);
  return keep(parts, captureId, original, [...made, track]);
}

async function opened(parts: Parts, source: string): Promise<string> {
  const [captureId = ''] = await open(parts.database, { sourceKey: source });
  const plan = await keepPlan(parts, {
    schema: 'holdfast.plan/1',
    source,
    platform: 'web',
    shape: 'post',
    steps: [],
    pages: [],
    media: [],
  });
  await insertArtifacts(parts.database, captureId, 'record', [plan]);
  return captureId;
}

async function originalOf(parts: Parts, path: string, mediaType: string, name: string) {
  const stored = await parts.vault.put(await readFile(path));
  return {
    role: 'media.original',
    name,
    mediaType,
    ...stored,
    derivedFrom: null,
  } satisfies NewArtifact;
}

async function keep(
  parts: Parts,
  captureId: string,
  { sha256 }: NewArtifact,
  made: NewArtifact[],
): Promise<Kept> {
  const { artifacts, events } = await fingerprintMade(parts, { captureId, signal: never }, made);
  await insertArtifacts(parts.database, captureId, 'keyframes', artifacts);
  await insertEvents(parts.database, captureId, events);
  return { captureId, sha256, events };
}

async function trackOf(parts: Parts, path: string, sha256: string): Promise<NewArtifact> {
  const folder = `${path}.frames`;
  await mkdir(folder, { recursive: true });
  const frames = [];
  for await (const { atMs, luma } of (await framesToHash(tools, path, folder, never)).track()) {
    frames.push({ pts: BigInt(atMs), ...pdqOfLuma64(luma) });
  }
  await rm(folder, { recursive: true });
  const bytes = encodeHashTrack({
    timeBase: '1/1000',
    containerStartTime: null,
    every: 'frame',
    frames,
  });
  return {
    role: hashTrackRole,
    name: 'keyframes/1/hash-track.bin',
    mediaType: hashTrackMediaType,
    ...(await parts.vault.put(bytes)),
    derivedFrom: sha256,
  };
}
