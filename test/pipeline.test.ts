/** Promises of the pipeline that only show when two things happen at once, or in two processes. */
import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApp } from '../src/app.ts';
import { TransientError } from '../src/base/errors.ts';
import { progressOf } from '../src/catalog/progress.ts';
import { captureRecord } from '../src/catalog/show.ts';
import type { MediaRef } from '../src/model/plan.ts';
import { showCapture } from '../src/pipeline/answers/show.ts';
import { cancelCapture } from '../src/pipeline/capture/cancel.ts';
import { numberedAfter } from '../src/pipeline/capture/found-in-pages.ts';
import { exportFiles } from '../src/pipeline/export/files.ts';
import { runStep } from '../src/pipeline/run-step.ts';
import { verifyCapture } from '../src/pipeline/verify/captures.ts';
import { startWorkers } from '../workers/main.ts';
import { twoSecondClip } from './internet/content.ts';
import { stageRun, type TestArchive, testArchive } from './support/archive.ts';
import { backends, testHoldfast } from './support/holdfast.ts';
import { until } from './support/queues.ts';

describe.each(backends)(
  'a capture cancelled while a file of it downloads, queue on %s',
  (backend) => {
    test('is closed at once; what the download brings afterwards is not added to it', async () => {
      await using holdfast = await testHoldfast({ backend });
      const { world } = holdfast.internet;
      const { database } = holdfast.app.parts;
      const id = '1227381802398646272';
      world.addPost({
        id,
        author: { id: '90000009', handle: 'example', name: 'Example' },
        text: 'A post with a video.',
        media: [{ kind: 'video', clip: twoSecondClip }],
      });
      const videos = [...world.files.keys()].filter((file) => file.includes('.mp4'));
      for (const file of videos) world.drip(`https://${file}`, { bytes: 4_096, everyMs: 50 });
      const [submitted] = await holdfast.submit(`https://x.com/i/status/${id}`);
      const captureId = submitted?.captureId ?? '';
      // Nobody visits pages here: that job has not begun when the capture is given up.
      const workers = await startWorkers(holdfast.app, { only: ['resolve', 'media'] });
      await until(async () =>
        (await progressOf(database, [captureId])).some(({ doneBytes }) => (doneBytes ?? 0) > 0),
      );
      const queue = await holdfast.app.queue();
      const never = new AbortController().signal;
      expect(await cancelCapture(holdfast.app.parts, queue, captureId, never)).toBe(true);
      const closed = await captureRecord(database, captureId);
      expect(closed?.state).toBe('partial');
      expect(closed?.steps).toMatchObject([
        { name: 'record', state: 'done' },
        ...['page', 'media'].map((name) => ({ name, reason: 'cancelled' })),
      ]);

      expect((await queue.counts()).media.active).toBe(1);
      await until(async () => (await queue.counts()).media.active === 0);
      await workers.close(1_000);
      const after = await captureRecord(database, captureId);
      expect(after?.artifacts).toEqual(closed?.artifacts);
      expect(after?.steps).toEqual(closed?.steps);
      for await (const check of verifyCapture(holdfast.app.parts, captureId))
        expect(check).toMatchObject({ ok: true });
      expect(await cancelCapture(holdfast.app.parts, queue, captureId, never)).toBe(false);
    }, 60_000);
  },
);

describe('one archive', () => {
  let archive: TestArchive;
  beforeAll(async () => {
    archive = await testArchive();
  });
  afterAll(() => archive[Symbol.asyncDispose]());

  test('a step that another process tried without sandbox, and with private ranges open, says so in the manifest', async () => {
    const { config, parts } = archive;
    const captureId = await archive.openCapture();
    const loose = {
      ...config,
      tools: { ...config.tools, chromiumSandbox: false },
      egress: { ...config.egress, allowPrivate: ['10.0.0.0/8'] },
    };
    await using elsewhere = await openApp(loose, { make: null });
    const page = { name: 'page', required: false } as const;
    const failing = runStep(elsewhere.parts, stageRun(captureId), page, () =>
      Promise.reject(new TransientError('reset', 'connection reset')),
    );
    await expect(failing).rejects.toMatchObject({ code: 'reset' });
    await runStep(parts, stageRun(captureId), page, async () => ({ state: 'done' }));
    await archive.seal(captureId);
    const manifest = JSON.parse(String(await parts.vault.readRecord('manifests', captureId)));
    expect(manifest.conditions).toMatchObject({
      browserSandbox: false,
      allowedPrivateRanges: ['10.0.0.0/8'],
    });
    const { warnings } = (await showCapture(parts, captureId)) ?? {};
    expect(warnings?.join('\n')).toMatch(/10\.0\.0\.0\/8/);
    expect(warnings?.join('\n')).toMatch(/sandbox/);
  });

  test('what one process did with care is not spoilt by the captures of another', async () => {
    const captureId = await archive.capture();
    const manifest = JSON.parse(
      String(await archive.parts.vault.readRecord('manifests', captureId)),
    );
    expect(manifest.conditions).toMatchObject({ browserSandbox: true, allowedPrivateRanges: [] });
  });

  test('a capture handed over as files twice at once is there once, whole', async () => {
    const captureId = await archive.capture('handed over');
    const folder = join(archive.config.home, 'out');
    const outcomes = await Promise.allSettled(
      [1, 2, 3].map(() => exportFiles(archive.parts, captureId, folder)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'exists' });
    expect(await readdir(folder)).toEqual([captureId]);
    expect((await readdir(join(folder, captureId))).toSorted()).toEqual([
      'SHA256SUMS',
      'capture.json',
      'manifest.json',
      'text.txt',
    ]);
  });

  test('a damaged object is told when files are handed over, and no half folder stays', async () => {
    const captureId = await archive.capture('about to be damaged');
    const [artifact] = (await captureRecord(archive.parts.database, captureId))?.artifacts ?? [];
    const path = await archive.parts.vault.path(artifact?.sha256 ?? '');
    await chmod(path, 0o600);
    await writeFile(path, 'about to be DAMAGED');
    const folder = join(archive.config.home, 'damaged');
    await expect(exportFiles(archive.parts, captureId, folder)).rejects.toMatchObject({
      code: 'stored-bytes-differ',
      exitCode: 5,
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

test('media that two views show get numbers of their own, after those that the record names', () => {
  const ref = (id: string, url: string): MediaRef => ({
    id,
    kind: 'picture',
    belongsTo: 'page',
    candidates: [{ url, mediaType: null, width: null, height: null, bitrate: null }],
    orderedBy: 'as the page names them',
    alsoKeep: [],
    altText: null,
    claimed: { durationMs: null, width: null, height: null },
    unavailable: null,
  });
  const known = [ref('2', 'https://example.org/known'), ref('avatar', 'https://example.org/face')];
  const found = [ref('1', 'https://example.org/a'), ref('2', 'https://example.org/b')];
  const numbered = numberedAfter(known, [...found, ref('1', 'https://example.org/c')]);
  expect(numbered.map(({ id }) => id)).toEqual(['1', '3', '4']);
  expect(numbered.map(({ candidates }) => candidates[0]?.url.at(-1))).toEqual(['a', 'b', 'c']);
});
