/** The verifier as one page, opened from disk in a real browser. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifierPage } from '../scripts/build-verifier-page.ts';
import { chromiumPath } from '../src/browser/browser.ts';
import { readConfig } from '../src/config/config.ts';
import { writeBundle } from '../src/seal/bundle/write-bundle.ts';
import { streamHasher } from '../src/seal/verify/formats/stream-hash.ts';
import { MadeUpLog } from './support/made-up-log.ts';
import { provedNote } from './support/ots-proofs.ts';
import { openTimeStamps, type TimeStamps } from './support/timestamps.ts';

let folder: string;
let browser: Browser;
let log: MadeUpLog;
let authority: TimeStamps;
const asked: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-page-'));
  authority = await openTimeStamps(join(folder, 'tsa'));
  log = new MadeUpLog('demo.invalid');
  await log.capture({ environment: 'demo' });
  await log.checkpoint();
  await log.stamp(authority);
  const { proof, blocks } = await provedNote(log.checkpoints[0]?.note ?? Buffer.of());
  await log.addOtsProof(proof, 'complete');
  await writeFile(join(folder, 'headers'), blocks.map(({ line }) => line).join());
  await writeBundle(join(folder, 'good.zip'), await log.content(log.captures, authority.rootPem));
  await writeFile(join(folder, 'verify.html'), await verifierPage());
  browser = await chromium.launch({
    executablePath: await chromiumPath(readConfig().tools),
    // As root Chromium has no sandbox; the page is our own.
    chromiumSandbox: process.getuid?.() !== 0,
  });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(): Promise<Page> {
  const page = await browser.newPage();
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(join(folder, 'verify.html')).href);
  await page.fill('#vkeys', log.vkey);
  await page.setInputFiles('#roots', authority.rootFile);
  return page;
}

async function verdictOf(page: Page): Promise<string> {
  const verdict = page.locator('#verdict.valid, #verdict.invalid, #verdict.incomplete');
  return (await verdict.textContent()) ?? '';
}

describe('the verifier page', () => {
  test('a good bundle passes, with what a pass proves and what the bundle is', async () => {
    const page = await open();
    await page.setInputFiles('#bundle', join(folder, 'good.zip'));
    expect(await verdictOf(page)).toMatch(
      /^No fault was found: good\.zip, \d+ findings, 0 faults, 0 missing/,
    );
    expect(await page.textContent('#statement')).toMatch(/does not prove/);
    expect(await page.textContent('#warnings')).toMatch(/DEMONSTRATION/);
    expect(await page.textContent('#findings')).toMatch(/Test Time Authority: existed by/);
    expect(await page.textContent('#findings')).toMatch(/not proved here: Bitcoin block \d+ must/);
    await page.close();
  });

  test('the header of a block shows by when a proof existed', async () => {
    const page = await open();
    await page.setInputFiles('#headers', join(folder, 'headers'));
    await page.setInputFiles('#bundle', join(folder, 'good.zip'));
    expect(await verdictOf(page)).toMatch(/^No fault was found/);
    expect(await page.textContent('#findings')).toMatch(/existed before Bitcoin block \d+/);
    await page.close();
  });

  test('a bundle that was tampered with, dropped on it, shows the fault', async () => {
    const bytes = await readFile(join(folder, 'good.zip'));
    // Media are stored as they are, so the flip is in the content, not in the packing.
    const at = bytes.indexOf('media/1.original.mp4 of 0');
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    const page = await open();
    const data = bytes.toString('base64');
    await page.evaluate((encoded) => {
      const { document, DataTransfer, File, DragEvent, atob } = globalThis as unknown as {
        document: { body: { dispatchEvent(event: unknown): void } };
        DataTransfer: new () => { items: { add(file: unknown): void } };
        File: new (parts: unknown[], name: string) => unknown;
        DragEvent: new (type: string, options: object) => unknown;
        atob(text: string): string;
      };
      const dataTransfer = new DataTransfer();
      const content = Uint8Array.from(atob(encoded), (letter: string) => letter.charCodeAt(0));
      dataTransfer.items.add(new File([content], 'bad.zip'));
      document.body.dispatchEvent(
        new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }),
      );
    }, data);
    expect(await verdictOf(page)).toMatch(/^FAULTS WERE FOUND: bad\.zip/);
    expect(await page.textContent('#findings tr.invalid')).toMatch(
      /media\/1\.original\.mp4.*altered/,
    );
    await page.close();
  });

  test('what is no bundle is said to be none', async () => {
    await writeFile(join(folder, 'no.zip'), 'nothing of the kind');
    const page = await open();
    await page.setInputFiles('#bundle', join(folder, 'no.zip'));
    expect(await verdictOf(page)).toMatch(/not a zip file/);
    await page.close();
  });

  test('it asked nobody for anything', () => {
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((url) => !url.startsWith('file:'))).toEqual([]);
  });

  test.each(['sha256', 'sha512'] as const)(
    'its %s of a stream agrees with Node, however the bytes are cut',
    (algorithm) => {
      for (const size of [0, 1, 55, 56, 63, 64, 65, 111, 112, 119, 120, 127, 128, 1000]) {
        const bytes = Buffer.alloc(size, 'seal');
        const hasher = streamHasher(algorithm);
        for (let at = 0; at < size; at += 37) hasher.update(bytes.subarray(at, at + 37));
        expect(hasher.hex()).toBe(createHash(algorithm).update(bytes).digest('hex'));
      }
    },
  );
});
