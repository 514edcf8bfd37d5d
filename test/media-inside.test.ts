/** Captures whose media are looked into: through the pipeline, into the catalog, and back out of the vault. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ArtifactRow, artifactsOf, insertArtifacts } from '../src/catalog/artifacts.ts';
import { findCaptures } from '../src/catalog/find.ts';
import { finalStep, recordStep } from '../src/catalog/steps.ts';
import { decodeHashTrack } from '../src/fingerprint/hash-track.ts';
import type { StepName } from '../src/model/plan.ts';
import { inspectMedia, textsIn } from '../src/pipeline/capture/inspect-media.ts';
import { extractAllKeyframes } from '../src/pipeline/capture/keyframes.ts';
import { storeJson, storePlan } from '../src/pipeline/plan-file.ts';
import { readManifest } from '../src/seal/manifest.ts';
import { stageRun, type TestArchive, testArchive } from './support/archive.ts';
import { textsOf } from './support/captured-texts.ts';
import { attempt } from './support/catalog.ts';
import { ffmpegIn } from './support/clips.ts';

let archive: TestArchive;

beforeAll(async () => {
  archive = await testArchive({
    variables: { HOLDFAST_FFMPEG: 'ffmpeg', HOLDFAST_FFPROBE: 'ffprobe' },
  });
});
afterAll(() => archive[Symbol.asyncDispose]());

/** An open capture with one original and a plan of these steps. */
async function captureOf(bytes: Buffer, name: string, mediaType: string, ...steps: StepName[]) {
  const { parts } = archive;
  const captureId = await archive.openCapture();
  const plan = await storePlan(parts, {
    schema: 'holdfast.plan/1',
    source: 'x:status:1',
    platform: 'x',
    shape: 'post',
    steps: steps.map((step) => ({ name: step, required: false })),
    pages: [],
    media: [],
  });
  const stored = await parts.vault.put(bytes);
  const { width, height } = mediaType.startsWith('image/')
    ? await sharp(bytes).metadata()
    : { width: 128, height: 72 };
  const media = { width, height };
  const original = { role: 'media.original', name, mediaType, derivedFrom: null, media, ...stored };
  await recordStep(parts.database, attempt(captureId, { step: 'media' }), {
    artifacts: [plan, original],
  });
  return { captureId, sha256: stored.sha256 };
}

function statement(words: string): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1100" height="160"><rect width="1100" height="160" fill="#fff"/><text x="550" y="95" text-anchor="middle" font-size="44" font-family="DejaVu Sans">${words}</text></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

const idsFor = async (text: string) =>
  (await findCaptures(archive.parts.database, { text })).rows.map(({ id }) => id);

describe('a post with a picture and no video', () => {
  test('is read and found by its words; a rebuilt catalog has them from the vault', async () => {
    const { parts } = archive;
    const bytes = await statement('Convoy stopped at checkpoint');
    const { captureId, sha256 } = await captureOf(bytes, 'media/1.png', 'image/png', 'media');
    await inspectMedia(parts, stageRun(captureId), 'media');
    expect(await idsFor('convoy checkpoint')).toEqual([captureId]);
    const held = await artifactsOf(parts.database, captureId);
    expect(held.find(({ role }) => role === 'ocr')).toMatchObject({
      name: 'ocr/media-1.png.json',
      derivedFrom: sha256,
    });
    expect(held.find(({ role }) => role === 'metadata')).toMatchObject({
      derivedFrom: sha256,
      facts: { digestBefore: sha256, digestAfter: sha256 },
    });
    await archive.seal(captureId);
    const record = await parts.vault.readRecord('manifests', captureId);
    const manifest = readManifest(record ?? Buffer.alloc(0));
    expect(await textsIn(parts, manifest)).toEqual(await textsOf(parts.database, captureId));
  });

  test('is not read again where the same reader read it before', async () => {
    const { parts } = archive;
    const bytes = await statement('Convoy stopped at checkpoint');
    const earlier = await captureOf(bytes, 'media/1.png', 'image/png', 'media');
    const [before] = await readAt(earlier);
    // What stands in the catalog is taken, so other words there show that nothing was read.
    const words = JSON.parse((await parts.vault.read(before?.sha256 ?? '')).toString('utf8'));
    words.lines[0].text = 'words of another reading';
    const other = await archive.openCapture();
    const kept = await storeJson(parts, 'ocr', 'ocr/other.json', words);
    const facts = before?.facts ?? {};
    await insertArtifacts(parts.database, other, 'ocr', [
      { ...kept, derivedFrom: earlier.sha256, facts },
    ]);
    const later = await captureOf(bytes, 'media/1.png', 'image/png', 'media');
    await readAt(later);
    expect(await textsOf(parts.database, later.captureId)).toMatchObject([
      { body: 'words of another reading' },
    ]);
  });

  async function readAt({ captureId }: { captureId: string }) {
    await inspectMedia(archive.parts, stageRun(captureId), 'media');
    const held = await artifactsOf(archive.parts.database, captureId);
    return held.filter(({ role }) => role === 'ocr');
  }

  test('without tesseract the step is skipped, and says why', async () => {
    const { parts } = archive;
    const tools = { ...parts.config.tools, tesseract: 'no-such-tesseract' };
    const bytes = await statement('Never read');
    const { captureId } = await captureOf(bytes, 'media/1.png', 'image/png', 'media');
    await inspectMedia(
      { ...parts, config: { ...parts.config, tools } },
      stageRun(captureId),
      'media',
    );
    const step = await finalStep(parts.database, captureId, 'ocr');
    expect(step).toMatchObject({ state: 'skipped', reason: 'tool-missing' });
  });
});

describe('a long video with sound', () => {
  test('has a preview at once, then frames, sheets, a hash track, a print of its sound, its metadata', async () => {
    const { parts } = archive;
    await using scratch = await parts.vault.scratch('test');
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=128x72:rate=2:duration=310'];
    const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=310'];
    const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '20', '-c:a', 'aac'];
    await ffmpegIn(scratch.folder, ...picture, ...sound, ...codecs, 'long.mp4');
    const bytes = await readFile(join(scratch.folder, 'long.mp4'));
    const steps = ['media', 'keyframes'] as const;
    const { captureId } = await captureOf(bytes, 'media/1.mp4', 'video/mp4', ...steps);
    // Frames follow, so that the stage before leaves this to the next.
    await inspectMedia(parts, stageRun(captureId), 'media');
    expect(await finalStep(parts.database, captureId, 'metadata')).toBeNull();
    await extractAllKeyframes(parts, stageRun(captureId));
    const none = { ...parts.config.inside, ocrLanguages: [] };
    const run = stageRun(captureId);
    await inspectMedia({ ...parts, config: { ...parts.config, inside: none } }, run, 'keyframes');
    const held = await artifactsOf(parts.database, captureId);
    const at = (role: string) => held.findIndex((artifact) => artifact.role === role);
    const roles = ['preview', 'keyframe', 'contact-sheet', 'hash-track', 'sound-print', 'metadata'];
    for (const role of roles) expect(at(role), role).toBeGreaterThanOrEqual(0);
    expect(held[at('preview')]?.storedAt.getTime()).toBeLessThan(
      held[at('keyframe')]?.storedAt.getTime() ?? 0,
    );
    const sheets = held.filter(({ role }) => role === 'contact-sheet');
    const names = sheets.map(({ name }) => name.replace(/^.*\//, ''));
    expect(names).toEqual(expect.arrayContaining(['contact-sheet-2.jpg', 'contact-sheet-11.png']));
    const track = decodeHashTrack(await parts.vault.read(held[at('hash-track')]?.sha256 ?? ''));
    expect(track.frames).toHaveLength(310);
    // Eight numbers a second, less the beginning that the first one needs.
    expect(held[at('sound-print')]?.facts.items).toBeGreaterThan(2_400);
    const { detail } = (await finalStep(parts.database, captureId, 'keyframes')) ?? {};
    expect(detail).toMatchObject({ videos: [{ state: 'done', leftOut: { flash: 0 } }] });
  });
});

describe('a video that was kept before', () => {
  /** Captures the same clip at the same source. */
  async function keepAgain(bytes: Buffer, perMinute = 30) {
    const { parts } = archive;
    const steps = ['media', 'keyframes'] as const;
    const { captureId, sha256 } = await captureOf(bytes, 'media/1.mp4', 'video/mp4', ...steps);
    const limits = { ...parts.config.limits, keyframesPerMinute: perMinute };
    const asked = { ...parts, config: { ...parts.config, limits } };
    await extractAllKeyframes(asked, stageRun(captureId));
    const held = await artifactsOf(parts.database, captureId);
    const made = held.filter(({ derivedFrom }) => derivedFrom === sha256);
    const origins = new Set(made.map(({ facts }) => facts.madeIn));
    const step = await finalStep(parts.database, captureId, 'keyframes');
    return { captureId, made, origins: [...origins], step };
  }

  const digests = (made: ArtifactRow[]) => made.map(({ name, sha256 }) => `${name} ${sha256}`);

  test('has the same frames, sheets and prints, which name the capture that made them', async () => {
    const bytes = await clip(6);
    const first = await keepAgain(bytes);
    expect(first.origins).toEqual([undefined]);
    await keepAgain(bytes);
    const third = await keepAgain(bytes);
    // Sheets bear the time of their making: drawn again they would be other files.
    expect(digests(third.made)).toEqual(digests(first.made));
    expect(third.origins).toEqual([first.captureId]);
    expect(third.step).toMatchObject({
      state: 'done',
      detail: { videos: [{ state: 'done', notes: [`made-before: ${first.captureId}`] }] },
    });
    const frames = third.made.filter(({ role }) => role === 'keyframe');
    expect(frames.every(({ pdq }) => pdq !== null)).toBe(true);
  });

  test('twice in one capture: each keeps to its own name', async () => {
    const { parts } = archive;
    const bytes = await clip(5);
    const both = async () => {
      const steps = ['media', 'keyframes'] as const;
      const { captureId } = await captureOf(bytes, 'media/1.mp4', 'video/mp4', ...steps);
      const held = await artifactsOf(parts.database, captureId);
      const originals = held.filter(({ role }) => role === 'media.original');
      const again = originals.map(({ id: _, ...file }) => ({ ...file, name: 'media/2.mp4' }));
      await insertArtifacts(parts.database, captureId, 'media', again);
      return captureId;
    };
    await extractAllKeyframes(parts, stageRun(await both()));
    const { captureId } = await captureOf(bytes, 'media/2.mp4', 'video/mp4', 'media', 'keyframes');
    await extractAllKeyframes(parts, stageRun(captureId));
    const held = await artifactsOf(parts.database, captureId);
    const folders = held.flatMap(({ name }) => /^keyframes\/(\d)\//.exec(name)?.[1] ?? []);
    expect(new Set(folders)).toEqual(new Set(['2']));
  });

  test('is decoded again under another rule, and where a file of the earlier capture is gone', async () => {
    const bytes = await clip(7);
    const first = await keepAgain(bytes);
    expect((await keepAgain(bytes, 20)).origins).toEqual([undefined]);
    const sheet = first.made.find(({ role }) => role === 'contact-sheet');
    await archive.parts.vault.remove(sheet?.sha256 ?? '');
    const again = await keepAgain(bytes);
    expect(again.origins).toEqual([undefined]);
    const kept = await Promise.all(again.made.map(({ sha256 }) => archive.parts.vault.has(sha256)));
    expect(kept).not.toContain(false);
  });

  async function clip(seconds: number): Promise<Buffer> {
    await using scratch = await archive.parts.vault.scratch('test');
    const picture = ['-f', 'lavfi', '-i', `testsrc2=size=128x72:rate=10:duration=${seconds}`];
    const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`];
    const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac'];
    await ffmpegIn(scratch.folder, ...picture, ...sound, ...codecs, 'clip.mp4');
    return await readFile(join(scratch.folder, 'clip.mp4'));
  }
});
