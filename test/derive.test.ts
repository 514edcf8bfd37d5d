/** What is made of a sealed capture: records of its own in the vault and the log, shared, made again, removed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { derivationsByRecord, newestOf } from '../src/catalog/derivations.ts';
import { jobsOf, waitingJobOf } from '../src/catalog/derive-jobs.ts';
import { findCaptures } from '../src/catalog/find.ts';
import { heldFiles } from '../src/catalog/held-files.ts';
import { entriesOfType } from '../src/catalog/log-entries.ts';
import { recordStep } from '../src/catalog/steps.ts';
import { decodeHashTrack } from '../src/fingerprint/hash-track.ts';
import { openPictures } from '../src/media/pictures/pictures.ts';
import type { DerivationKind } from '../src/model/derivation.ts';
import { showCapture } from '../src/pipeline/answers/show.ts';
import { removeByOrder } from '../src/pipeline/custody/removal.ts';
import { derivableOf } from '../src/pipeline/derive/derivable.ts';
import { deriveAgain } from '../src/pipeline/derive/derive-again.ts';
import { deriveCapture } from '../src/pipeline/derive/derive-capture.ts';
import { ocr } from '../src/pipeline/derive/ocr.ts';
import { readingTimeMs } from '../src/pipeline/derive/read-pictures.ts';
import type { Parts } from '../src/pipeline/parts.ts';
import { storePlan } from '../src/pipeline/plan-file.ts';
import { verifyAll } from '../src/pipeline/verify/captures.ts';
import { readDerivation } from '../src/seal/derivation.ts';
import { readManifest } from '../src/seal/manifest.ts';
import { stageRun, type TestArchive, testArchive } from './support/archive.ts';
import { attempt } from './support/catalog.ts';
import { ffmpegIn } from './support/clips.ts';

let archive: TestArchive;
const sha256Form = /^[0-9a-f]{64}$/;

beforeAll(async () => {
  archive = await testArchive({
    variables: { HOLDFAST_FFMPEG: 'ffmpeg', HOLDFAST_FFPROBE: 'ffprobe' },
  });
});
afterAll(() => archive[Symbol.asyncDispose]());

/** A sealed capture with one original; nothing is made of it yet. */
async function sealedWith(bytes: Buffer, name: string, mediaType: string, durationMs?: number) {
  const { parts } = archive;
  const captureId = await archive.openCapture();
  const plan = await storePlan(parts, {
    ...{ schema: 'holdfast.plan/1', source: 'x:status:1', platform: 'x', shape: 'post' },
    ...{ steps: [{ name: 'media', required: false }], pages: [], media: [] },
  });
  const stored = await parts.vault.put(bytes);
  const { width, height } = mediaType.startsWith('image/')
    ? await sharp(bytes).metadata()
    : { width: 128, height: 72 };
  const media = { width, height, ...(durationMs === undefined ? {} : { durationMs }) };
  const original = {
    role: 'media.original' as const,
    name,
    mediaType,
    derivedFrom: null,
    media,
    ...stored,
  };
  await recordStep(parts.database, attempt(captureId, { step: 'media' }), {
    artifacts: [plan, original],
  });
  await archive.seal(captureId);
  return { captureId, sha256: stored.sha256 };
}

const derive = (captureId: string, parts: Parts = archive.parts) =>
  deriveCapture(parts, stageRun(captureId));

/** The newest of each kind, with what became of it. */
async function derivationsOf({ sha256 }: { sha256: string }) {
  const rows = await newestOf(archive.parts.database, [sha256]);
  return Object.fromEntries(rows.map((row) => [row.kind, row])) as Partial<
    Record<DerivationKind, (typeof rows)[number]>
  >;
}

async function faults(): Promise<string[]> {
  const found: string[] = [];
  for await (const { ok, subject, message } of verifyAll(archive.parts))
    if (!ok) found.push(`${subject}: ${message}`);
  return found;
}

function statement(words: string): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1100" height="160"><rect width="1100" height="160" fill="#fff"/><text x="550" y="95" text-anchor="middle" font-size="44" font-family="DejaVu Sans">${words}</text></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

async function clip(seconds: number, rate = 10, ...more: string[]): Promise<Buffer> {
  await using scratch = await archive.parts.vault.scratch('test');
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=128x72:rate=${rate}:duration=${seconds}`];
  const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', ...more, '-c:a', 'aac'];
  await ffmpegIn(scratch.folder, ...picture, ...sound, ...codecs, 'clip.mp4');
  return await readFile(join(scratch.folder, 'clip.mp4'));
}

const idsFor = async (text: string) =>
  (await findCaptures(archive.parts.database, { text })).rows.map(({ id }) => id);

describe('a sealed picture', () => {
  test('waits for its job, and is then fingerprinted, read and found by its words', async () => {
    const { parts } = archive;
    const held = await sealedWith(await statement('Convoy stopped'), 'media/1.png', 'image/png');
    const waiting = await showCapture(parts, held.captureId);
    expect(waiting?.state).toBe('complete');
    expect(waiting?.derivations.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      'metadata waiting',
      'fingerprints waiting',
      'ocr waiting',
    ]);
    await derive(held.captureId);
    const shown = await showCapture(parts, held.captureId);
    expect(shown?.derivations.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
      'fingerprints done',
      'metadata done',
      'ocr done',
    ]);
    expect(shown?.steps.map(({ name }) => name)).toEqual(['record', 'media']);
    const original = shown?.artifacts.find(({ role }) => role === 'media.original');
    expect(original?.pdq?.quality).toBeGreaterThan(0);
    expect(original).not.toHaveProperty('derivation');
    const read = shown?.artifacts.find(({ role }) => role === 'ocr');
    expect(read).toMatchObject({ name: 'ocr/1/text.json', derivedFrom: held.sha256 });
    expect(read?.derivation).toBe(shown?.derivations.at(-1)?.id);
    expect(await idsFor('convoy stopped')).toEqual([held.captureId]);
    expect(await faults()).toEqual([]);
  });

  test('leaves the manifest what it was, and one log entry that names every record', async () => {
    const { parts } = archive;
    const held = await sealedWith(await statement('Unchanged'), 'media/1.png', 'image/png');
    const manifest = await parts.vault.readRecord('manifests', held.captureId);
    await derive(held.captureId);
    expect(await parts.vault.readRecord('manifests', held.captureId)).toEqual(manifest);
    expect(String(manifest)).not.toContain('"pdq"');
    const [job] = await jobsOf(parts.database, held.captureId);
    const rows = await derivationsByRecord(parts.database, job?.records ?? []);
    expect(rows).toHaveLength(3);
    const entry = (await entriesOfType(parts.database, 'derivation')).at(-1);
    expect(entry).toMatchObject({ idx: job?.logIndex, targets: job?.records });
    for (const { id, recordSha256 } of rows) {
      const bytes = await parts.vault.readRecord('derivations', id);
      const { sha256, derivation } = readDerivation(bytes ?? Buffer.alloc(0));
      expect(sha256).toBe(recordSha256);
      expect(derivation.inputs[0]).toBe(held.sha256);
    }
  });

  test('names what decoded it, as the decoder says of itself, by version and digest', async () => {
    const { parts } = archive;
    const held = await sealedWith(await statement('By whom'), 'media/1.png', 'image/png');
    await derive(held.captureId);
    const { sharp: version, vips } = sharp.versions;
    const named = {
      ...{ sharp: version, libvips: vips },
      digests: {
        sharp: {
          [`sharp-linux-${process.arch}-${version}.node`]: expect.stringMatching(sha256Form),
        },
        libvips: { [`libvips-cpp.so.${vips}`]: expect.stringMatching(sha256Form) },
      },
    };
    const manifest = await parts.vault.readRecord('manifests', held.captureId);
    expect(readManifest(manifest ?? Buffer.alloc(0)).tools).toMatchObject(named);
    const made = await derivationsOf(held);
    for (const kind of ['fingerprints', 'metadata', 'ocr'] as const) {
      const bytes = await parts.vault.readRecord('derivations', made[kind]?.id ?? '');
      const { derivation } = readDerivation(bytes ?? Buffer.alloc(0));
      expect(derivation.tools).toMatchObject(named);
    }
  });

  test('without tesseract its text is skipped, says why, and can be read once there is one', async () => {
    const { parts } = archive;
    const tools = { ...parts.config.tools, tesseract: 'no-such-tesseract' };
    const bytes = await statement('Read later');
    const held = await sealedWith(bytes, 'media/1.png', 'image/png');
    await derive(held.captureId, { ...parts, config: { ...parts.config, tools } });
    expect((await derivationsOf(held)).ocr).toMatchObject({
      state: 'skipped',
      reason: 'tool-missing',
    });
    expect(await deriveAgain(parts, [held.captureId], ['ocr'])).toEqual([held.captureId]);
    await derive(held.captureId);
    expect((await derivationsOf(held)).ocr?.state).toBe('done');
    expect(await idsFor('read later')).toEqual([held.captureId]);
  });

  test('is not looked into again where another capture holds the same bytes', async () => {
    const { parts } = archive;
    const bytes = await statement('Shared by two captures');
    const first = await sealedWith(bytes, 'media/1.png', 'image/png');
    await derive(first.captureId);
    const made = await derivationsOf(first);
    const second = await sealedWith(bytes, 'media/7.png', 'image/png');
    await derive(second.captureId);
    expect(await derivationsOf(second)).toEqual(made);
    const shown = await showCapture(parts, second.captureId);
    expect(shown?.artifacts.map(({ name }) => name)).toContain('ocr/7/text.json');
    expect((await idsFor('shared by two')).toSorted()).toEqual(
      [first.captureId, second.captureId].toSorted(),
    );
  });

  test('is made anew on demand: the earlier record stays, the newest is shown', async () => {
    const { parts } = archive;
    const held = await sealedWith(await statement('Made again'), 'media/1.png', 'image/png');
    await derive(held.captureId);
    const before = await derivationsOf(held);
    await deriveAgain(parts, [held.captureId], ['ocr', 'fingerprints']);
    expect((await showCapture(parts, held.captureId))?.derivations).toContainEqual(
      expect.objectContaining({ kind: 'ocr', state: 'waiting' }),
    );
    await derive(held.captureId);
    const after = await derivationsOf(held);
    expect(after.ocr?.id).not.toBe(before.ocr?.id);
    expect(after.metadata?.id).toBe(before.metadata?.id);
    expect(await parts.vault.readRecord('derivations', before.ocr?.id ?? '')).not.toBeNull();
    expect(await idsFor('made again')).toEqual([held.captureId]);
    expect(await faults()).toEqual([]);
  });

  test('a job that was killed before its entry ends with the same derivations', async () => {
    const { parts } = archive;
    const held = await sealedWith(await statement('Killed half-way'), 'media/1.png', 'image/png');
    const stopped = { ...parts, tools: () => Promise.reject(new Error('killed here')) };
    const [before] = await Promise.allSettled([derive(held.captureId, stopped)]);
    expect(before?.status).toBe('rejected');
    await derive(held.captureId);
    const made = await derivationsOf(held);
    await derive(held.captureId);
    expect(await derivationsOf(held)).toEqual(made);
    expect(await jobsOf(parts.database, held.captureId)).toHaveLength(1);
    expect(await waitingJobOf(parts.database, held.captureId)).toBeNull();
  });
});

describe('reading text', () => {
  /** As a job does whose pictures have taken so much processor time before. */
  async function readOf(held: { captureId: string; sha256: string }, spentMs: number) {
    const { parts } = archive;
    const capture = await derivableOf(parts, held.captureId);
    const [wanted] = capture === null ? [] : ocr.wanted(capture, parts);
    if (capture === null || wanted === undefined) throw new Error('nothing to read');
    await using pictures = openPictures(new AbortController().signal);
    return await ocr.make({
      ...{ parts, pictures, capture, wanted, reading: { spentMs } },
      held: () => heldFiles(parts.database, held.captureId),
      tell() {},
      signal: new AbortController().signal,
    });
  }

  test('ends with the time that a capture has for it, and says what it left', async () => {
    const held = await sealedWith(await statement('Left for later'), 'media/1.png', 'image/png');
    expect(await readOf(held, readingTimeMs)).toMatchObject({
      state: 'skipped',
      reason: 'processor-limit',
      files: [],
      detail: { read: 0, capped: expect.stringContaining('1 pictures were not read') },
    });
    const { files, detail } = await readOf(held, 0);
    expect(files).toHaveLength(1);
    expect(detail).not.toHaveProperty('capped');
    expect(detail.processorMs).toBeGreaterThan(0);
  });

  test('begins only where there seems to be writing', async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="600"><rect width="900" height="600" fill="#357"/><circle cx="450" cy="300" r="120" fill="#fa3"/></svg>`;
    const held = await sealedWith(
      await sharp(Buffer.from(svg)).png().toBuffer(),
      'media/1.png',
      'image/png',
    );
    expect(await readOf(held, 0)).toMatchObject({
      state: 'done',
      files: [],
      detail: { pictures: 1, read: 0, withoutWriting: 1 },
    });
  });
});

describe('a long video with sound', () => {
  test('has a preview, frames, sheets, a hash track, a print of its sound, its metadata', async () => {
    const { parts } = archive;
    const bytes = await clip(310, 2, '-g', '20');
    const held = await sealedWith(bytes, 'media/1.mp4', 'video/mp4', 310_000);
    const inside = { ...parts.config.inside, ocrLanguages: [] };
    await derive(held.captureId, { ...parts, config: { ...parts.config, inside } });
    const made = await derivationsOf(held);
    expect(Object.keys(made).toSorted()).toEqual([
      'fingerprints',
      'keyframes',
      'metadata',
      'preview',
    ]);
    expect(made.preview?.finishedAt.getTime()).toBeLessThan(
      made.keyframes?.startedAt.getTime() ?? 0,
    );
    expect(made.keyframes?.detail).toMatchObject({ leftOut: { flash: 0 } });
    const files = await heldFiles(parts.database, held.captureId);
    const named = (role: string) => files.filter((file) => file.role === role);
    for (const role of ['preview', 'keyframe', 'contact-sheet', 'sound-print', 'metadata'])
      expect(named(role).length, role).toBeGreaterThan(0);
    expect(named('contact-sheet').map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'keyframes/1/contact-sheet-2.jpg',
        'keyframes/1/contact-sheet-11.png',
      ]),
    );
    expect(named('keyframe').every(({ pdq }) => pdq !== null)).toBe(true);
    const [track] = named('hash-track');
    expect(decodeHashTrack(await parts.vault.read(track?.sha256 ?? '')).frames).toHaveLength(310);
    // Eight numbers a second, less the beginning that the first one needs.
    expect(named('sound-print')[0]?.facts.items).toBeGreaterThan(2_400);
  });
});

describe('a video that was kept before', () => {
  async function deriveClip(bytes: Buffer, perMinute = 30, name = 'media/1.mp4') {
    const { parts } = archive;
    const held = await sealedWith(bytes, name, 'video/mp4');
    const limits = { ...parts.config.limits, keyframesPerMinute: perMinute };
    await derive(held.captureId, { ...parts, config: { ...parts.config, limits } });
    return { ...held, made: (await derivationsOf(held)).keyframes };
  }

  test('is not decoded again, under whatever name it is held', async () => {
    const bytes = await clip(6);
    const first = await deriveClip(bytes);
    const second = await deriveClip(bytes, 30, 'media/2.mp4');
    expect(second.made?.id).toBe(first.made?.id);
    const files = await heldFiles(archive.parts.database, second.captureId);
    const folders = files.flatMap(({ name }) => /^keyframes\/(\d)\//.exec(name)?.[1] ?? []);
    expect(new Set(folders)).toEqual(new Set(['2']));
  });

  test('is decoded again under another rule, and where a file that was made of it is gone', async () => {
    const bytes = await clip(7);
    const first = await deriveClip(bytes);
    const other = await deriveClip(bytes, 20);
    expect(other.made?.id).not.toBe(first.made?.id);
    const files = await heldFiles(archive.parts.database, first.captureId);
    const sheet = files.find(({ role }) => role === 'contact-sheet');
    await archive.parts.vault.remove(sheet?.sha256 ?? '');
    const again = await deriveClip(bytes, 20);
    expect(again.made?.id).not.toBe(other.made?.id);
    for (const { sha256 } of await heldFiles(archive.parts.database, again.captureId))
      expect(await archive.parts.vault.has(sha256)).toBe(true);
  });
});

describe('removal by order', () => {
  const order = { authority: 'court', reference: '1 of 2026', reason: null, by: 'tester' };

  test('takes with an original everything made of it, and nothing makes it again', async () => {
    const { parts } = archive;
    const bytes = await statement('Nobody may read this');
    const held = await sealedWith(bytes, 'media/1.png', 'image/png');
    await derive(held.captureId);
    await deriveAgain(parts, [held.captureId], null);
    await derive(held.captureId);
    const files = (await heldFiles(parts.database, held.captureId)).filter(
      ({ derivation }) => derivation !== null,
    );
    const jobs = await jobsOf(parts.database, held.captureId);
    const rows = await derivationsByRecord(
      parts.database,
      jobs.flatMap(({ records }) => records),
    );
    await removeByOrder(parts, { captureIds: [], sha256s: [held.sha256], ...order });
    for (const { sha256 } of files) expect(await parts.vault.has(sha256)).toBe(false);
    for (const { id } of rows) expect(await parts.vault.readRecord('derivations', id)).toBeNull();
    expect(await idsFor('nobody may read')).toEqual([]);
    expect(await derivationsOf(held)).toEqual({});
    for (const table of ['fingerprinted_files', 'derivations', 'derived_texts']) {
      const { rows: left } = await parts.database.query(
        `select from ${table} t where to_jsonb(t)::text like $1`,
        [`%${held.sha256}%`],
      );
      expect(left, table).toEqual([]);
    }
    expect(await deriveAgain(parts, [held.captureId], null)).toEqual([]);
    await sealedWith(bytes, 'media/1.png', 'image/png').then(({ captureId }) => derive(captureId));
    expect(await derivationsOf(held)).toEqual({});
  });

  test('wins over a job that is under way', async () => {
    const { parts } = archive;
    const bytes = await statement('Removed while it is read');
    const held = await sealedWith(bytes, 'media/1.png', 'image/png');
    const before = await faults();
    let ordered: Promise<unknown> | null = null;
    // The order arrives when the picture has been read and its record is about to be kept.
    const tools = async () => {
      ordered ??= removeByOrder(parts, { captureIds: [], sha256s: [held.sha256], ...order });
      await ordered;
      return parts.tools();
    };
    await derive(held.captureId, { ...parts, tools });
    expect(await derivationsOf(held)).toEqual({});
    expect(await idsFor('removed while')).toEqual([]);
    const { rows } = await parts.database.query(
      'select from fingerprinted_files where sha256 = $1',
      [held.sha256],
    );
    expect(rows).toEqual([]);
    expect(await faults()).toEqual(before);
  });
});
