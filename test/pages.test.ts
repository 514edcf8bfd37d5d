/** The pages in a real browser: on two widths, in two lights, in two languages, without script; and hostile content in its cage. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Browser, BrowserContextOptions, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertEvents } from '../src/catalog/events.ts';
import { readLinks } from '../src/links/read-links.ts';
import { showCapture } from '../src/pipeline/answers/show.ts';
import { markGraphic, unmarkGraphic } from '../src/pipeline/copies/graphic.ts';
import { submitLinks } from '../src/pipeline/intake/submit.ts';
import { pages } from '../src/server/pages/pages.ts';
import { writeSite } from '../src/server/site/write-site.ts';
import {
  everyPath,
  judge,
  judgePages,
  narrow,
  pageIn,
  plainBrowser,
  wide,
} from './support/judged-pages.ts';
import {
  keep,
  picture,
  type Seeded,
  type ServedArchive,
  seed,
  serveArchive,
  testArchive,
} from './support/pages.ts';

const run = promisify(execFile);

let browser: Browser;
let site: ServedArchive;
let seeded: Seeded;
let canary: Server;
const asked: string[] = [];

beforeAll(async () => {
  canary = createServer((request, answer) => {
    asked.push(request.url ?? '');
    answer.end();
  });
  canary.on('connection', () => asked.push('a connection'));
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  const archive = await testArchive();
  seeded = await seed(archive, `http://127.0.0.1:${(canary.address() as AddressInfo).port}`);
  site = await serveArchive(archive);
  browser = await plainBrowser();
});
afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
  canary?.close();
});

/** A page in a context of its own, with a session. What goes wrong in it is told at the end. */
async function opened(options: BrowserContextOptions): Promise<{ page: Page; wrong: string[] }> {
  const { page, wrong } = await pageIn(browser, options);
  await page.goto(site.served.newLink());
  return { page, wrong };
}

function address(path: string): string {
  return `${site.served.address.slice(0, -1)}${path}`;
}

/** Two of eight; all of them: npm run prove -- interface */
describe.each([
  { colorScheme: 'light', viewport: wide, locale: 'en' },
  { colorScheme: 'dark', viewport: narrow, locale: 'ar' },
] as const)('in $colorScheme at $viewport.width px in $locale', (look) => {
  test('no page overflows, breaks a rule of accessibility or its own policy', async () => {
    const paths = [...everyPath(seeded), `/captures/${seeded.hostile}`, '/items?view=sheet'];
    expect(await judgePages(browser, site, look, paths)).toEqual([]);
  });
});

test('a case as a folder opens from a disk, without what was marked, and runs nothing', async () => {
  const { parts } = site.archive;
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-site-'));
  const target = join(folder, 'site');
  const { arabic, after, hostile } = seeded;
  await markGraphic(parts, 'x:status:1227656965518262272', { note: 'a wound', by: 'test' });
  const options = { title: 'harbour', language: 'en' as const, showGraphic: false, by: 'test' };
  await writeSite(parts, [after, arabic, hostile], target, options, new AbortController().signal);
  expect((await stat(target)).mode & 0o777).toBe(0o777 & ~process.umask());
  const files = await readdir(join(target, 'files'));
  expect(files.filter((name) => !/\.(?:png|gz)$/.test(name))).toEqual([]);
  await run('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: target });
  const { page, wrong } = await pageIn(browser, { viewport: narrow, colorScheme: 'dark' });
  const outside: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) outside.push(request.url());
  });
  const found: string[] = [];
  const tabs = ['index', 'text', 'network', 'files', 'custody', 'verify'];
  const places = tabs.map((tab) => `captures/${hostile}/${tab}.html`);
  for (const place of ['index.html', `captures/${after}/index.html`, ...places]) {
    await page.goto(pathToFileURL(join(target, place)).href);
    found.push(...(await judge(page, { locale: 'en' })).map((fault) => `${place}: ${fault}`));
    const led = await page.evaluate<string[]>(
      '[...document.querySelectorAll("a[href], img, video")].map((one) => one.href || one.src)',
    );
    for (const one of led)
      if (!existsSync(new URL(one.replace(/[#?].*$/, '')))) found.push(`${place}: ${one}`);
  }
  expect(found).toEqual([]);
  await page.goto(pathToFileURL(join(target, `captures/${arabic}/index.html`)).href);
  expect(await page.textContent('.withheld-notice')).toContain('a wound');
  expect(await page.locator('main img').count()).toBe(0);
  expect(await page.locator('form').count()).toBe(0);
  const shot = (await showCapture(parts, arabic))?.artifacts[0]?.sha256 ?? '';
  expect(files.filter((name) => name.startsWith(shot))).toEqual([]);
  expect([outside, wrong, asked]).toEqual([[], [], []]);
  await page.context().close();
  await unmarkGraphic(parts, 'x:status:1227656965518262272', { by: 'test' });
  await rm(folder, { recursive: true });
});

test('no table stands over what is beside it, at any width', async () => {
  for (const width of [1030, 1200, 1265, 1400]) {
    const { page } = await opened({ viewport: { width, height: 900 } });
    await page.goto(address(`/source?key=${seeded.source}`));
    const over = await page.evaluate<number>(`{
      const { right, bottom } = document.querySelector('main table').getBoundingClientRect();
      const beside = document.querySelector('main aside').getBoundingClientRect();
      beside.top > bottom ? 0 : Math.max(0, right - beside.left);
    }`);
    expect([width, over]).toEqual([width, 0]);
    await page.context().close();
  }
});

test('without script, everything can be read, found and submitted', async () => {
  const { page } = await opened({ javaScriptEnabled: false });
  await page.goto(address('/'));
  await page.fill('#find', 'القافلة');
  await page.press('#find', 'Enter');
  expect(await page.textContent('main')).toContain('شوهدت القافلة');
  await page.click('a.title');
  expect(await page.textContent('.post')).toContain('Bridge 3');
  await page.goto(address(`/captures/${seeded.after}/verify`));
  await page.click('text=Verify now');
  expect(await page.textContent('.verdict')).toContain('No fault was found');
  await page.goto(address('/add'));
  await page.fill(
    '#text',
    'see https://example.org/one, https://example.org/two, ftp://a.example/b',
  );
  await page.click('text=Find links');
  expect(await page.textContent('#found')).toBe('2 links found');
  expect(await page.textContent('main')).toContain('only http and https links can be captured');
  await page.uncheck('#take-0');
  await page.click('text=Capture the chosen links');
  expect(await page.textContent('main')).toContain('https://example.org/two');
  expect(await page.textContent('main')).not.toContain('https://example.org/one');
  await page.context().close();
});

test('by keyboard alone: skip, search, go through the list, open, go to the neighbour', async () => {
  const { page, wrong } = await opened({});
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.className')).toBe('skip');
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.keyboard.type('harbour');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=harbour/);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL(/captures\//);
  const first = page.url();
  await page.keyboard.press('[');
  await page.waitForURL((url) => url.href !== first);
  expect(page.url()).toMatch(/captures\//);
  expect(wrong).toEqual([]);
  await page.context().close();
});

test('the queue says what ended, even what ended before it listened', async () => {
  const { parts, seal } = site.archive;
  const open = async (link: string) =>
    (await submitLinks(parts, readLinks(link)))[0]?.captureId ?? '';
  const [missed, seen] = [await open('https://a.example/1'), await open('https://a.example/2')];
  const { page, wrong } = await opened({});
  let listen = () => {};
  const mayListen = new Promise<void>((resolve) => {
    listen = resolve;
  });
  await page.route('**/live', async (route) => {
    await mayListen;
    await route.continue();
  });
  await page.goto(address('/queue'));
  await seal(missed);
  listen();
  const state = (id: string) => page.locator(`tr[data-capture="${id}"] [data-state]`);
  await expect.poll(() => state(missed).textContent(), { timeout: 20_000 }).toMatch(/Open it/);
  expect(await state(seen).textContent()).not.toMatch(/Open it/);
  await seal(seen);
  await expect.poll(() => state(seen).textContent(), { timeout: 20_000 }).toBe('failed · Open it');
  // What stands below follows, without another look.
  const troubles = page.locator('#troubles ~ table');
  await expect.poll(() => troubles.textContent(), { timeout: 20_000 }).toMatch(/a\.example\/2/);
  const left = await page.locator('main tr:not([data-ended])[data-capture]').count();
  await expect
    .poll(() => page.locator('[data-how-many]').textContent(), { timeout: 20_000 })
    .toMatch(new RegExp(`^${left} captures? under way`));
  expect(wrong).toEqual([]);
  await page.context().close();
});

test('files that look alike are told apart by keyboard, and put together again', async () => {
  const { archive } = site;
  const { database } = archive.parts;
  const bytes = [await picture('#223344'), await picture('#223345')];
  const [first, second] = await Promise.all(bytes.map((one) => archive.parts.vault.put(one)));
  for (const [index, one] of bytes.entries())
    await keep(archive, {
      link: `https://x.com/someone/status/122765696551826230${index}`,
      files: [
        { role: 'media.original', name: `media/${index}.png`, mediaType: 'image/png', bytes: one },
      ],
    });
  const detail = { sha256: first?.sha256, otherSha256: second?.sha256, share: 1, distance: 2 };
  const alike = { kind: 'similar.found' as const, sourceKey: 'x:status:1227656965518262300' };
  await insertEvents(database, null, [{ ...alike, detail, at: new Date() }]);
  const { page, wrong } = await opened({});
  await page.goto(address('/duplicates'));
  const cards = page.locator('.cluster li');
  await expect.poll(() => cards.count()).toBe(2);
  expect(await cards.locator('img').count()).toBe(2);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('u');
  await page.waitForURL(/after=/);
  expect(await cards.count()).toBe(0);
  await page.keyboard.press('z');
  await page.waitForURL(/duplicates$/);
  expect(await cards.count()).toBe(2);
  // One mark is for all that look like it.
  await markGraphic(archive.parts, alike.sourceKey, { note: null, by: 'test' });
  await page.goto(address('/duplicates'));
  expect(await cards.count()).toBe(2);
  expect(await cards.locator('img').count()).toBe(0);
  expect(wrong).toEqual([]);
  await page.context().close();
});

test('a picture comes closer under the keyboard, and fits again', async () => {
  const { page, wrong } = await opened({});
  await page.goto(address(`/captures/${seeded.after}`));
  const image = page.locator('zoom-picture img');
  const width = async () => (await image.boundingBox())?.width ?? 0;
  await expect.poll(width).toBeGreaterThan(100);
  const fitted = await width();
  await page.locator('zoom-picture .pane').focus();
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await expect.poll(width).toBeGreaterThan(fitted * 1.9);
  await page.keyboard.press('0');
  await expect.poll(width).toBe(fitted);
  expect(wrong).toEqual([]);
  await page.context().close();
});

describe('what was captured', () => {
  test('never runs, never asks anybody, on whichever page it stands', async () => {
    const { page, wrong } = await opened({});
    for (const path of [
      '/',
      '/items?view=sheet',
      ...pages
        .map(({ path }) => path)
        .filter((path) => path.startsWith('/captures/'))
        .map((path) => path.replace(':id', seeded.hostile)),
    ]) {
      await page.goto(address(path));
      await page.waitForLoadState('networkidle');
    }
    await page.goto(address(`/captures/${seeded.hostile}`));
    await page.click('.stored-page summary');
    const frame = page.frameLocator('.stored-page iframe');
    await frame.locator('text=words that were kept').waitFor();
    await frame.locator('text=words that were kept').click();
    await page.waitForLoadState('networkidle');
    expect(asked).toEqual([]);
    expect(wrong).toEqual([]);
    // The canary sings when it is asked.
    await fetch(`http://127.0.0.1:${(canary.address() as AddressInfo).port}/alive`);
    expect(asked).toContain('/alive');
    await page.context().close();
  });

  test('stands apart in its own direction: a handle after an Arabic name stays whole', async () => {
    const { page } = await opened({ locale: 'ar' });
    await page.goto(address(`/captures/${seeded.arabic}`));
    const handle = page.locator('.by .handle');
    expect(await handle.textContent()).toBe('@reporter_77');
    // Where the sign and the letter after it stand on the screen.
    const [at, name] = await page.evaluate<number[]>(`{
      const words = document.querySelector('.by .handle').firstChild;
      const leftOf = (from) => {
        const range = document.createRange();
        range.setStart(words, from);
        range.setEnd(words, from + 1);
        return range.getBoundingClientRect().left;
      };
      [leftOf(0), leftOf(1)];
    }`);
    expect(at).toBeLessThan(name ?? 0);
    await page.context().close();
  });
});
