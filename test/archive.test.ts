/** The main job, whole: text in, both posts kept, on both queue backends. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCaptures } from '../src/catalog/find.ts';
import type { CaptureRecord } from '../src/model/capture-record.ts';
import { verifyCapture } from '../src/pipeline/verify/captures.ts';
import { addFoundingStory, storyText, syntheticIds } from './internet/founding-story.ts';
import { backends, type TestHoldfast, testHoldfast } from './support/holdfast.ts';

const rolesOf = (record: CaptureRecord | undefined) =>
  [...new Set(record?.artifacts.map(({ role }) => role))].sort();

describe.each(backends)('the founding story, queue on %s', (backend) => {
  let holdfast: TestHoldfast;
  let clip: CaptureRecord | undefined;
  let statement: CaptureRecord | undefined;

  beforeAll(async () => {
    holdfast = await testHoldfast({ backend, demo: true });
    await addFoundingStory(holdfast.internet.world);
    [clip, statement] = await holdfast.archive(storyText, { case: 'qamishli', tags: ['convoy'] });
  }, 120_000);
  afterAll(() => holdfast[Symbol.asyncDispose]());

  test('both posts end complete, under the ids that their short links lead to', () => {
    expect(clip).toMatchObject({
      state: 'complete',
      source: `x:status:${syntheticIds.clip}`,
      link: 'pic.twitter.com/Wl1MGCMy3j',
    });
    expect(statement).toMatchObject({
      state: 'complete',
      source: `x:status:${syntheticIds.statement}`,
    });
  });

  test('text, author and times are kept apart: claimed, and derived from the id', () => {
    expect(clip?.post).toMatchObject({
      author: { handle: 'BabakTaghvaee' },
      text: expect.stringContaining('Demonstration'),
      idTime: '2020-02-12T14:30:00.000Z',
    });
    expect(clip?.post?.claimedAt).toMatch(/^2020-02-12T14:30:0/);
  });

  test('the clip has its original, keyframes and a contact sheet, the statement its picture', () => {
    expect(rolesOf(clip)).toEqual(
      expect.arrayContaining([
        'contact-sheet',
        'keyframe',
        'media.original',
        'record.raw',
        'render',
        'screenshot.focal',
        'screenshot.full',
      ]),
    );
    const original = clip?.artifacts.find(
      ({ role, mediaType }) => role === 'media.original' && mediaType === 'video/mp4',
    );
    expect(original?.media).toMatchObject({ width: 1280, height: 720 });
    const frames = clip?.artifacts.filter(({ role }) => role === 'keyframe') ?? [];
    expect(frames.length).toBeGreaterThanOrEqual(6);
    expect(frames.every(({ derivedFrom }) => derivedFrom === original?.sha256)).toBe(true);
    expect(
      statement?.artifacts.some(
        ({ role, mediaType }) => role === 'media.original' && mediaType.startsWith('image/'),
      ),
    ).toBe(true);
  });

  test('every byte that was kept as an original is a byte that the origin served', () => {
    const served = new Set(holdfast.internet.log().map(({ bodySha256 }) => bodySha256));
    for (const record of [clip, statement]) {
      for (const artifact of record?.artifacts.filter(({ role }) => role === 'media.original') ??
        []) {
        expect(served).toContain(artifact.sha256);
      }
    }
  });

  test('everything says that it is a demonstration', async () => {
    expect(clip?.environment).toBe('demo');
    const bytes = await holdfast.app.parts.vault.readRecord('manifests', clip?.id ?? '');
    expect(JSON.parse(String(bytes))).toMatchObject({ environment: 'demo' });
  });

  test('both are found by text, author, case, tag, and by the digest of a file they hold', async () => {
    const { database } = holdfast.app.parts;
    const original = clip?.artifacts.find(({ role }) => role === 'media.original');
    const ids = async (question: Parameters<typeof findCaptures>[1]) =>
      (await findCaptures(database, question)).rows.map(({ id }) => id);
    expect(await ids({ text: 'stand-in', case: 'qamishli' })).toEqual(
      expect.arrayContaining([clip?.id, statement?.id]),
    );
    expect(await ids({ author: 'oirspox' })).toEqual([statement?.id]);
    expect(await ids({ sha256: original?.sha256 })).toContain(clip?.id);
    expect(await ids({ tag: 'convoy', state: 'complete' })).toHaveLength(2);
    expect(await ids({ text: 'nothing of the kind' })).toEqual([]);
  });

  test('verify finds nothing wrong', async () => {
    for (const record of [clip, statement]) {
      for await (const check of verifyCapture(holdfast.app.parts, record?.id ?? ''))
        expect(check).toMatchObject({ ok: true });
    }
  });

  test('the same text again leads to the captures that are there; again makes new ones', async () => {
    const before = await holdfast.submit(storyText);
    expect(before.map(({ captureId, opened }) => ({ captureId, opened }))).toEqual([
      { captureId: clip?.id, opened: false },
      { captureId: statement?.id, opened: false },
    ]);
  });

  test('when the originals are gone, the record stays and a new capture says so', async () => {
    holdfast.internet.world.delete(syntheticIds.clip);
    const [gone] = await holdfast.archive(`https://x.com/i/status/${syntheticIds.clip}`, {
      again: true,
    });
    expect(gone?.sourceNow).toMatchObject({ availability: 'suspect', kind: 'deleted-by-author' });
    expect(gone?.artifacts.map(({ role }) => role)).toContain('record.raw');
    const { rows } = await findCaptures(holdfast.app.parts.database, {
      source: `x:status:${syntheticIds.clip}`,
      state: 'complete',
    });
    expect(rows.map(({ id }) => id)).toContain(clip?.id);
  });
});
