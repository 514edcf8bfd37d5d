/**
 * Makes the pictures of the pages in docs/pictures from the demonstration: npm run demo twice,
 * then node scripts/build-page-pictures.ts [FOLDER]
 * Ten pages as a browser shows them, small enough to be kept.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';
import sharp from 'sharp';
import { openApp } from '../src/app.ts';
import { chromiumPath } from '../src/browser/browser.ts';
import { findCaptures } from '../src/catalog/find.ts';
import { homeNamed, readConfig } from '../src/config/config.ts';
import { type Served, servePages } from '../src/server/serve.ts';
import { syntheticIds } from '../test/internet/founding-story.ts';

const wide = { width: 1280, height: 860 };
const narrow = { width: 390, height: 844 };
const shownPx = 760;

interface Wanted {
  name: string;
  path: string;
  look?: { colorScheme?: 'dark' | 'light'; locale?: string; viewport?: typeof wide };
}

function wanted(newest: string, earlier: string): Wanted[] {
  const source = `x:status:${syntheticIds.clip}`;
  return [
    { name: 'overview', path: '' },
    { name: 'captures', path: 'items' },
    { name: 'pictures-dark', path: 'items?view=sheet', look: { colorScheme: 'dark' } },
    { name: 'source', path: `source?key=${source}` },
    { name: 'capture', path: `captures/${newest}` },
    { name: 'capture-narrow', path: `captures/${newest}`, look: { viewport: narrow } },
    { name: 'verify', path: `captures/${newest}/verify` },
    { name: 'compare', path: `compare?a=${earlier}&b=${newest}` },
    { name: 'add-arabic', path: 'add', look: { locale: 'ar' } },
    { name: 'overview-arabic', path: '', look: { locale: 'ar', colorScheme: 'dark' } },
  ];
}

async function pictureOf(browser: Browser, served: Served, { path, look }: Wanted) {
  await using context = await browser.newContext({ viewport: wide, locale: 'en', ...look });
  const page: Page = await context.newPage();
  await page.goto(served.newLink());
  await page.goto(`${served.address}${path}`);
  await page.waitForLoadState('networkidle');
  const shot = await page.screenshot();
  return sharp(shot)
    .resize({ width: shownPx, withoutEnlargement: true })
    .webp({ quality: 72 })
    .toBuffer();
}

const folder = process.argv[2] ?? fileURLToPath(new URL('../docs/pictures/pages', import.meta.url));
const config = readConfig(
  { HOLDFAST_HOME: homeNamed() ?? 'holdfast-demo' },
  { HOLDFAST_LOG_LEVEL: 'error' },
);
await using app = await openApp({ ...config, databaseUrl: null, redisUrl: null }, { make: 'demo' });
const { rows } = await findCaptures(app.parts.database, {
  source: `x:status:${syntheticIds.clip}`,
});
await using served = await servePages(
  {
    parts: app.parts,
    queue: () => app.queue(),
    diagnose: async () => [],
    settings: () => [],
    who: 'demonstration',
    works: false,
  },
  0,
);
await using browser = await chromium.launch({
  executablePath: await chromiumPath(config.tools),
  chromiumSandbox: process.getuid?.() !== 0,
});
await mkdir(folder, { recursive: true });
for (const one of wanted(rows[0]?.id ?? '', rows.at(-1)?.id ?? ''))
  await writeFile(join(folder, `${one.name}.webp`), await pictureOf(browser, served, one));
