/** What the report of a bundle shows: pictures that Holdfast drew, with captions, and nothing that runs or is fetched. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { captureById } from '../src/catalog/captures.ts';
import { recordStep } from '../src/catalog/steps.ts';
import type { Role } from '../src/model/roles.ts';
import { markGraphic } from '../src/pipeline/copies/graphic.ts';
import { exportBundle } from '../src/pipeline/export/bundle.ts';
import { picturesOf } from '../src/seal/bundle/picture-section.ts';
import type { ShownPicture } from '../src/seal/bundle/shown-pictures.ts';
import { type TestArchive, testArchive } from './support/archive.ts';
import { attempt } from './support/catalog.ts';

const signal = new AbortController().signal;
let archive: TestArchive;
let folder: string;
let report: string;
let printed: Buffer;
const files: Record<string, string> = {};

beforeAll(async () => {
  // The report is printed by a real browser.
  archive = await testArchive({ variables: { HOLDFAST_CHROMIUM: 'chromium' } });
  folder = await mkdtemp(join(tmpdir(), 'holdfast-report-pictures-'));
  const { parts } = archive;
  const captureId = await archive.openCapture();
  const keep = async (role: Role, name: string, hue: string) => {
    const picture = sharp({ create: { width: 300, height: 200, channels: 3, background: hue } });
    const stored = await parts.vault.put(await picture.png().toBuffer());
    files[name] = stored.sha256;
    return { role, name, mediaType: 'image/png', derivedFrom: null, ...stored };
  };
  await recordStep(parts.database, attempt(captureId, { step: 'page' }), {
    artifacts: [
      await keep('screenshot.viewport', 'page/screenshot.viewport.png', 'teal'),
      await keep('media.original', 'media/1.png', 'red'),
    ],
  });
  await archive.seal(captureId);
  const path = join(folder, 'bundle');
  const options = { by: 'test', restricted: false, roles: [], since: [], print: true };
  const written = await exportBundle(parts, [captureId], path, options, signal);
  expect(written.unprinted).toBeNull();
  report = await readFile(join(path, 'data/report.html'), 'utf8');
  printed = await readFile(join(path, 'data/report.pdf'));
});
afterAll(async () => {
  await archive?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('what was marked as graphic is named with its note, and shown only where that is asked for', async () => {
  const { parts } = archive;
  const captureId = await archive.openCapture();
  const bytes = sharp({ create: { width: 30, height: 20, channels: 3, background: 'navy' } }).png();
  const stored = await parts.vault.put(await bytes.toBuffer());
  const name = 'page/screenshot.viewport.png';
  const shot = { role: 'screenshot.viewport' as const, name, mediaType: 'image/png' };
  await recordStep(parts.database, attempt(captureId, { step: 'page' }), {
    artifacts: [{ ...shot, derivedFrom: null, ...stored }],
  });
  await archive.seal(captureId);
  const source = (await captureById(parts.database, captureId))?.sourceKey ?? '';
  await markGraphic(parts, source, { note: 'a wound', by: 'test' });
  const options = { by: 'test', restricted: false, roles: [], since: [] };
  const reportOf = async (place: string, showGraphic: boolean) => {
    const path = join(folder, place);
    await exportBundle(parts, [captureId], path, { ...options, showGraphic }, signal);
    return readFile(join(path, 'data/report.html'), 'utf8');
  };
  const withheld = await reportOf('withheld', false);
  expect(withheld).not.toContain('<img');
  expect(withheld).toContain('To be seen: <bdi>a wound</bdi>');
  expect(await reportOf('shown', true)).toContain('<img');
});

test('a screenshot is shown with its address, time and digest, and leads to its file', () => {
  expect(report).toMatch(/<img src="captures\/[^"]+\/files\/page\/screenshot\.viewport\.png"/);
  expect(report).toContain(`SHA-256 <code>${files['page/screenshot.viewport.png']}</code>`);
  expect(report).toMatch(/<a href="captures\/[^"]+screenshot\.viewport\.png">/);
});

test('a picture that came from outside is named and never shown', () => {
  expect(report).toContain('media/1.png');
  expect(report).not.toMatch(/<img[^>]*media/);
});

test('the page runs nothing and fetches nothing from elsewhere', () => {
  expect(report).toContain(`content="default-src 'none'; img-src 'self' file:;`);
  expect(report).not.toMatch(/<script|\son\w+=|src="(?:https?:)?\/\//i);
});

test('on paper it is the same, pictures included', () => {
  expect(printed.subarray(0, 5).toString()).toBe('%PDF-');
  expect(printed.toString('latin1')).toMatch(/\/Subtype \/Image/);
});

test('names and addresses of strangers stay text', () => {
  const hostile = '"><script>alert(1)</script>';
  const picture: ShownPicture = {
    path: `data/captures/1/files/${hostile}.png`,
    ...{ sha256: 'a'.repeat(64), what: hostile, address: `javascript:${hostile}` },
    ...{ madeAt: '2026-01-01T00:00:00.000Z', role: 'render' },
  };
  const { text } = picturesOf('1', hostile, [picture]);
  expect(text).not.toContain('<script');
  expect(text).not.toMatch(/href="javascript/);
  expect(text).toContain('src="captures/1/files/%22%3E%3Cscript%3Ealert(1)%3C/script%3E.png"');
});
