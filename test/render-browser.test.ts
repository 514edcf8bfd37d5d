/** One browser that draws for many captures: kept a moment, replaced when it is lost, gone at the end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, type OpenBrowser } from '../src/browser/browser.ts';
import { RenderBrowser } from '../src/browser/render-browser.ts';
import type { Egress } from '../src/egress/egress.ts';
import { testEgress } from './support/egress.ts';
import { until } from './support/queues.ts';

const never = new AbortController().signal;
const how = { widthPx: 120, signal: never };
const tools = { chromium: null, chromiumSandbox: true };

let folder: string;
let egress: Egress;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-render-browser-'));
  egress = await testEgress();
});
afterAll(async () => {
  await egress?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A room, and the browsers that it opened. */
function roomWith(options: { idleMs?: number; mostDrawings?: number } = {}) {
  const browsers: OpenBrowser[] = [];
  const room = new RenderBrowser({
    ...options,
    open: async (signal) => {
      const door = await egress.openDoor();
      browsers.push(await launchBrowser({ tools, door, extraCaFile: null, folder, signal }));
      return browsers.at(-1) as OpenBrowser;
    },
  });
  return { room, browsers };
}

const plain = (colour: string) =>
  `<!doctype html><body style="margin:0;height:100px;background:${colour}">`;
/** Its own program keeps it busy for ever. */
const endless = '<!doctype html><script>for (;;);</script>';

async function colourOf(png: Buffer): Promise<number[]> {
  const { data } = await sharp(png)
    .extract({ left: 50, top: 50, width: 1, height: 1 })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return [...data.subarray(0, 3)];
}

describe('a drawing room', () => {
  test('has one browser for drawings side by side and one after the other', async () => {
    const { room, browsers } = roomWith();
    await using _ = room;
    const [red, blue] = await Promise.all([
      room.draw(plain('#f00'), how),
      room.draw(plain('#00f'), how),
    ]);
    const green = await room.draw(plain('#0f0'), how);
    expect(await Promise.all([red, blue, green].map((png) => colourOf(png)))).toEqual([
      [255, 0, 0],
      [0, 0, 255],
      [0, 255, 0],
    ]);
    expect(browsers).toHaveLength(1);
  });

  test('gives up one drawing without a word to the others', async () => {
    const { room, browsers } = roomWith();
    await using _ = room;
    const stop = new AbortController();
    const stuck = room.draw(endless, { ...how, signal: stop.signal });
    const told = expect(stuck).rejects.toThrow('enough of that');
    await until(async () => browsers.length === 1);
    expect(await colourOf(await room.draw(plain('#f00'), how))).toEqual([255, 0, 0]);
    stop.abort(new Error('enough of that'));
    await told;
    expect(await colourOf(await room.draw(plain('#00f'), how))).toEqual([0, 0, 255]);
  });

  test('opens another browser when the one it had has ended', async () => {
    const { room, browsers } = roomWith();
    await using _ = room;
    await room.draw(plain('#f00'), how);
    await browsers[0]?.[Symbol.asyncDispose]();
    await expect(room.draw(plain('#f00'), how)).rejects.toThrow();
    expect(await colourOf(await room.draw(plain('#00f'), how))).toEqual([0, 0, 255]);
    expect(browsers).toHaveLength(2);
  });

  test('closes its browser when nobody draws, and when it is old', async () => {
    const { room, browsers } = roomWith({ idleMs: 1, mostDrawings: 2 });
    await using _ = room;
    await room.draw(plain('#f00'), how);
    await until(async () => (await browsers[0]?.residentBytes()) === null);
    await Promise.all([room.draw(plain('#f00'), how), room.draw(plain('#f00'), how)]);
    await until(async () => (await browsers[1]?.residentBytes()) === null);
    await room.draw(plain('#f00'), how);
    expect(browsers).toHaveLength(3);
  });

  test('that is closed has closed the browser too that was given up and still draws', async () => {
    const closed: number[] = [];
    let opened = 0;
    const room = new RenderBrowser({
      open: async (signal) => {
        const number = ++opened;
        const { promise: ended, reject } = Promise.withResolvers<never>();
        ended.catch(() => {});
        signal.addEventListener('abort', () => reject(signal.reason));
        return {
          newContext: () => (number === 1 ? ended : Promise.reject(new Error('no context'))),
          [Symbol.asyncDispose]: async () => {
            await sleep(20);
            closed.push(number);
          },
        } as unknown as OpenBrowser;
      },
    });
    const stuck = expect(room.draw(endless, how)).rejects.toThrow();
    const stop = AbortSignal.abort(new Error('enough of that'));
    await expect(room.draw(endless, { ...how, signal: stop })).rejects.toThrow('enough of that');
    await expect(room.draw(endless, how)).rejects.toThrow('no context');
    await room[Symbol.asyncDispose]();
    expect(closed.sort()).toEqual([1, 2]);
    await stuck;
  });

  test('that is closed ends what it draws, and draws no more', async () => {
    const { room, browsers } = roomWith();
    const stuck = expect(room.draw(endless, how)).rejects.toThrow();
    await until(async () => browsers.length === 1);
    await room[Symbol.asyncDispose]();
    await stuck;
    expect(await browsers[0]?.residentBytes()).toBeNull();
    await expect(room.draw(plain('#f00'), how)).rejects.toThrow();
  });
});
