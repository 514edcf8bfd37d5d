/**
 * What recording costs: the time to a closed capture over the same launch, scroll, settling and
 * screenshots by the browser alone; memory of this process; bytes stored over bytes served; and
 * what a second capture of an unchanged page adds.
 */
import { mkdtemp, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { chromiumPath } from '../../src/browser/browser.ts';
import { toolEnvironment } from '../../src/config/config.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { FrameWorlds } from '../../src/visit/frame-worlds.ts';
import { PageLook } from '../../src/visit/page-look.ts';
import { VisitArtifacts } from '../../src/visit/visit-artifacts.ts';
import { writeWarcPart } from '../../src/warc/write-part.ts';
import { watchMemory } from '../../test/prove/watch-memory.ts';
import { makeClip } from '../../test/support/clips.ts';
import { openPageServer, type PageServer } from '../../test/support/page-server.ts';
import { type PageSet, picturesAndVideo, tiny } from '../../test/support/page-sets.ts';
import { openRecordingRig, type RecordingRig } from '../../test/support/recording-rig.ts';
import { type Bench, inWords, median, timePairs } from './bench.ts';

const launcher = fileURLToPath(new URL('../../src/browser/launch-unprivileged', import.meta.url));
const settleMs = 2_000;
const maxHeightPx = 20_000;
/** The bare browser's files go nowhere. */
const keepsNothing = { put: async () => ({ sha256: '', sizeBytes: 0 }) } as unknown as Vault;

export const bench: Bench = {
  async measure({ pairs, say }) {
    await using rig = await openRecordingRig();
    const clip = await makeClip(rig.folder, { size: '640x360', seconds: 4 });
    const options = { seed: 'bench', clip, isFull: true };
    for (const set of [tiny(options), picturesAndVideo(options)]) {
      await using server = await openPageServer(set.routes);
      await measureSet(rig, set, server, pairs, say);
    }
  },
};

async function measureSet(
  rig: RecordingRig,
  set: PageSet,
  server: PageServer,
  pairs: number,
  say: (line: string) => void,
): Promise<void> {
  const url = server.url('/');
  const stored: Stored[] = [];
  // The first visit loads the browser driver, and is the capture that a second one is compared with.
  stored.push(await captureClosed(rig, url));
  const before = await sizeOfVault(rig);
  stored.push(await captureClosed(rig, url));
  const added = (await sizeOfVault(rig)) - before;
  const growths: number[] = [];
  const times = await timePairs(
    pairs,
    () => browserAlone(rig, url),
    async () => {
      const memory = watchMemory(20);
      await captureClosed(rig, url);
      growths.push(memory.growthMiB());
    },
  );
  const payload = payloadBytes(server);
  const [first] = stored;
  say(`${set.name}, ${set.what}: ${inWords(times)}`);
  say(
    `  this process: peak minus idle ${Math.max(...growths).toFixed(0)} MiB, median ${median(growths).toFixed(0)} MiB`,
  );
  say(
    `  stored ${first?.responseBytes} bytes of responses over ${payload} unique bytes served: ${((first?.responseBytes ?? 0) / payload).toFixed(3)}`,
  );
  say(
    `  a second capture adds ${added} bytes, ${((100 * added) / (first?.allBytes ?? 1)).toFixed(1)} % of the first's ${first?.allBytes}`,
  );
}

interface Stored {
  /** The part with its small bodies, and every large body. */
  responseBytes: number;
  /** With pictures, HTML and text. */
  allBytes: number;
}

/** A visit as a capture makes it, its exchanges written and everything in the vault. */
async function captureClosed(rig: RecordingRig, url: string): Promise<Stored> {
  const before = await sizeOfVault(rig);
  const startedAt = new Date().toISOString();
  const made = await rig.visit(url, { settleMs, maxHeightPx, timeoutMs: 60_000 });
  const folder = await mkdtemp(join(rig.folder, 'warc-'));
  const at = (name: string) => join(folder, name);
  const written = await writeWarcPart(
    {
      step: 'page',
      captureId: '00000000-0000-7000-8000-000000000000',
      startedAt,
      exchanges: made.exchanges,
      resources: [],
      pages: [{ view: 'page', url, startedAt, title: made.title }],
      withhold: false,
      info: { software: 'bench' },
    },
    { warc: at('warc.gz'), index: at('cdxj'), large: at('large.json'), restricted: at('none') },
    new AbortController().signal,
  );
  const small = await rig.vault.putFile(written.files.warc);
  await rig.vault.putFile(written.files.index);
  for (const { path } of written.largeBodies) await rig.vault.putFile(path);
  const large = written.largeBodies.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return {
    responseBytes: small.sizeBytes + large,
    allBytes: (await sizeOfVault(rig)) - before,
  };
}

/** The same launch, load, scrolling, settling and pictures, with neither recorder nor door. */
export async function browserAlone(rig: RecordingRig, url: string): Promise<void> {
  const { signal } = new AbortController();
  const isRoot = process.getuid?.() === 0;
  const browser = await chromium.launch({
    executablePath: launcher,
    chromiumSandbox: true,
    env: toolEnvironment({
      HOLDFAST_BROWSER: await chromiumPath({ chromium: null }),
      HOLDFAST_BROWSER_NOTE: join(rig.folder, 'bare.note'),
      ...(isRoot ? { HOLDFAST_BROWSER_USER: 'holdfast-browser' } : {}),
      HOLDFAST_EXTRA_CA: rig.authority.file,
    }),
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  let [underWay, changedAtMs] = [0, performance.now()];
  const change = (by: number) => {
    underWay += by;
    changedAtMs = performance.now();
  };
  const counts = (type: string) => type !== 'media';
  page.on('request', (one) => counts(one.resourceType()) && change(1));
  page.on('requestfinished', (one) => counts(one.resourceType()) && change(-1));
  page.on('requestfailed', (one) => counts(one.resourceType()) && change(-1));
  await page.goto(url, { waitUntil: 'commit' });
  const cutAtMs = performance.now() + 60_000;
  const idleMs = () => performance.now() - changedAtMs;
  const traffic = { idleMs, quietMs: () => (underWay > 0 ? 0 : idleMs()), underWay: () => [] };
  const look = new PageLook({
    page,
    worlds: await FrameWorlds.open(page),
    traffic,
    artifacts: new VisitArtifacts('bare', keepsNothing, () => {}, signal),
    note: () => {},
    options: { cutAtMs, settleMs, maxHeightPx, signal },
  });
  await look.settle();
  const [first] = await look.shootWindow(null);
  await look.openWide();
  await look.read();
  const [whole] = await look.shootWhole(async () => {});
  if (first !== undefined && whole !== undefined) await look.compare(first, whole);
  await browser.close();
}

function payloadBytes({ served }: PageServer): number {
  const whole = served.filter(({ status, whole: isWhole }) => isWhole && status === 200);
  return new Map(whole.map(({ sha256, sizeBytes }) => [sha256, sizeBytes]))
    .values()
    .reduce((sum, size) => sum + size, 0);
}

async function sizeOfVault({ folder }: RecordingRig): Promise<number> {
  const objects = join(folder, 'vault', 'objects');
  const names = await readdir(objects, { recursive: true, withFileTypes: true });
  const files = names.filter((one) => one.isFile());
  const sizes = await Promise.all(
    files.map(async (one) => (await stat(join(one.parentPath, one.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
