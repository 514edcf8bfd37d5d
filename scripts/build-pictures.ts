/**
 * Makes the picture of the README from the demonstration: npm run demo, then
 * node scripts/build-pictures.ts [FILE]
 * The rendering of a post, the contact sheet of its video, and the report of a bundle that holds both.
 */
import { glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { type App, openApp } from '../src/app.ts';
import { NotFoundError } from '../src/base/errors.ts';
import { findCaptures } from '../src/catalog/find.ts';
import { homeNamed, readConfig } from '../src/config/config.ts';
import { exportBundle } from '../src/pipeline/export/bundle.ts';
import { syntheticIds } from '../test/internet/founding-story.ts';

const never = new AbortController().signal;
const heightPx = 560;
const columnPx = 790;
/** Its head and two rows of frames, so that the report has room below it. */
const sheetPx = 255;
const gapPx = 16;
const grey = '#d8d8d4';

/** @returns a JPEG of the newest capture of the video in the demonstration */
async function pictureOf({ parts }: App): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-pictures-'));
  try {
    const source = `x:status:${syntheticIds.clip}`;
    const { rows } = await findCaptures(parts.database, { source, limit: 1 });
    const bundle = join(folder, 'bundle');
    const options = { by: 'demonstration', restricted: false, roles: [], since: [] };
    await exportBundle(
      parts,
      rows.map(({ id }) => id),
      bundle,
      options,
      never,
    );
    const rendering = await readFile(await oneFile(bundle, 'post.png'));
    const sheet = await readFile(await oneFile(bundle, 'contact-sheet.jpg'));
    const html = await readFile(await oneFile(bundle, 'report.html'), 'utf8');
    const report = await parts.renderBrowser.draw(html, { widthPx: columnPx, signal: never });
    return await composed(rendering, sheet, report);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws NotFoundError `no-file` where the demonstration has not run yet */
async function oneFile(folder: string, name: string): Promise<string> {
  for await (const path of glob(`**/${name}`, { cwd: folder })) return join(folder, path);
  throw new NotFoundError('no-file', `no ${name} in the bundle: run npm run demo first`);
}

/** The rendering on the left; the sheet without its empty rows, and the beginning of the report below it. */
async function composed(rendering: Buffer, sheet: Buffer, report: Buffer): Promise<Buffer> {
  const left = await sharp(rendering)
    .resize({ height: heightPx })
    .toBuffer({ resolveWithObject: true });
  const trimmed = await sharp(sheet).trim({ background: 'white', margin: 12 }).toBuffer();
  const top = await sharp(await sharp(trimmed).resize({ width: columnPx }).toBuffer())
    .extract({ left: 0, top: 0, width: columnPx, height: sheetPx })
    .toBuffer({ resolveWithObject: true });
  const below = { width: columnPx, height: heightPx - gapPx - top.info.height };
  const bottom = await sharp(report)
    .extract({ left: 0, top: 0, ...below })
    .toBuffer();
  const column = left.info.width + 2 * gapPx;
  const canvas = { width: column + columnPx + gapPx, height: heightPx + 2 * gapPx };
  return await sharp({ create: { ...canvas, channels: 3, background: grey } })
    .composite([
      { input: left.data, left: gapPx, top: gapPx },
      { input: top.data, left: column, top: gapPx },
      { input: bottom, left: column, top: 2 * gapPx + top.info.height },
    ])
    .jpeg({ quality: 80, mozjpeg: true })
    .toBuffer();
}

const target =
  process.argv[2] ?? fileURLToPath(new URL('../docs/pictures/demo.jpg', import.meta.url));
const config = readConfig(
  { HOLDFAST_HOME: homeNamed() ?? 'holdfast-demo' },
  { HOLDFAST_LOG_LEVEL: 'error' },
);
await using app = await openApp({ ...config, databaseUrl: null, redisUrl: null }, { make: 'demo' });
await mkdir(dirname(target), { recursive: true });
await writeFile(target, await pictureOf(app));
