/** Media held by captures, as the pipeline leaves them, without fetching anything. */

import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { insertArtifacts } from '../../src/catalog/artifacts.ts';
import type { Database } from '../../src/catalog/database.ts';
import { insertEvents, type NewEvent } from '../../src/catalog/events.ts';
import { hashTrackMediaType, hashTrackRole } from '../../src/fingerprint/hash-track.ts';
import { pdqOfLuma64 } from '../../src/fingerprint/pdq.ts';
import { soundPrintRole } from '../../src/fingerprint/sound.ts';
import { printSound } from '../../src/media/inspect/sound-print.ts';
import { framesToHash } from '../../src/media/keyframes/frames-to-hash.ts';
import type { HashRule } from '../../src/media/keyframes/hash-rule.ts';
import { extractKeyframes } from '../../src/media/keyframes/keyframes.ts';
import { openPictures } from '../../src/media/pictures/pictures.ts';
import { probeMedia } from '../../src/media/tools/probe.ts';
import type { NewArtifact } from '../../src/model/artifact.ts';
import { compareWithEarlier } from '../../src/pipeline/copies/compare-with-earlier.ts';
import { withHashes } from '../../src/pipeline/copies/fingerprint-media.ts';
import type { Parts } from '../../src/pipeline/parts.ts';
import { planOf, storePlan } from '../../src/pipeline/plan-file.ts';
import { openFileVault } from '../../src/vault/files.ts';
import { open } from './catalog.ts';
import { encodeHashTrack } from './hash-tracks.ts';

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
export async function storeVideo(parts: Parts, path: string, source: string): Promise<Kept> {
  const captureId = await opened(parts, source);
  const original = await originalOf(parts, path, 'video/mp4', 'media/1.mp4');
  await insertArtifacts(parts.database, captureId, 'media', [original]);
  return keep(parts, captureId, original, await framesOf(parts, path, original.sha256));
}

/** As `storeVideo`, with what the analysis itself made of it; `hashRule` as its settings say. */
export async function keepAnalysed(
  parts: Parts,
  path: string,
  source: string,
  hashRule?: HashRule,
): Promise<Kept & { track: NewArtifact | undefined }> {
  const captureId = await opened(parts, source);
  const original = await originalOf(parts, path, 'video/mp4', 'media/1.mp4');
  await insertArtifacts(parts.database, captureId, 'media', [original]);
  await using pictures = openPictures(never);
  const { artifacts } = await extractKeyframes(
    { vault: parts.vault, tools, pictures },
    { ...original, refId: '1' },
    { environment: 'live', ...(hashRule && { hashRule }) },
    never,
  );
  const kept = await keep(parts, captureId, original, artifacts);
  return { ...kept, track: artifacts.find(({ role }) => role === hashTrackRole) };
}

async function opened(parts: Parts, source: string): Promise<string> {
  const [captureId = ''] = await open(parts.database, { sourceKey: source });
  const plan = await storePlan(parts, {
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
  await using pictures = openPictures(never);
  const hashing = { ...parts, pictures };
  const artifacts = await withHashes(hashing, made, never);
  const { source } = await planOf(parts, captureId);
  const comparing = { captureId, source, signal: never };
  const events = await compareWithEarlier(hashing, comparing, artifacts, new Set());
  await insertArtifacts(parts.database, captureId, 'keyframes', artifacts);
  await insertEvents(parts.database, captureId, events);
  return { captureId, sha256, events };
}

/** Shot frames and hash track, as the analysis of a kept video makes them. */
async function framesOf(parts: Parts, path: string, sha256: string): Promise<NewArtifact[]> {
  const folder = `${path}.frames`;
  await mkdir(folder, { recursive: true });
  const { shots, track } = await framesToHash(tools, path, folder, never);
  const made: NewArtifact[] = [];
  for (const [index, shot] of shots.entries()) {
    made.push({
      role: 'keyframe',
      name: `keyframes/1/${index + 1}.png`,
      mediaType: 'image/png',
      ...(await parts.vault.put(await readFile(shot.path))),
      derivedFrom: sha256,
      media: { ptsMs: shot.atMs },
    });
  }
  const frames = [];
  for await (const { atMs, luma } of track()) {
    frames.push({ pts: BigInt(atMs), ...pdqOfLuma64(luma) });
  }
  const sound = await printSound(
    tools,
    { path, probe: await probeMedia(tools, path, never), folder },
    never,
  );
  if (sound !== null) {
    made.push({
      role: soundPrintRole,
      name: 'keyframes/1/sound-print',
      mediaType: 'application/vnd.holdfast.sound-print',
      ...(await parts.vault.put(await readFile(sound.path))),
      derivedFrom: sha256,
    });
  }
  await rm(folder, { recursive: true });
  const header = { timeBase: '1/1000', containerStartTime: null, every: 'frame' as const };
  const stored = await parts.vault.put(encodeHashTrack({ ...header, frames }));
  return [
    ...made,
    {
      role: hashTrackRole,
      name: 'keyframes/1/hash-track.bin',
      mediaType: hashTrackMediaType,
      ...stored,
      derivedFrom: sha256,
    },
  ];
}
