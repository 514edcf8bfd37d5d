/** How a request ended that nobody tells the end of, because its session was met too late. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BodyStore } from '../src/recorder/body-store.ts';
import { endingOf, isAwaited } from '../src/recorder/exchange-class.ts';
import { type Entry, ExchangeLedger } from '../src/recorder/exchange-ledger.ts';
import { failureReason } from '../src/recorder/failures.ts';
import type { RequestPaused } from '../src/recorder/protocol.ts';

let folder: string;
let bodies: BodyStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-endings-'));
  bodies = new BodyStore(folder, 1_000);
});
afterAll(() => rm(folder, { recursive: true }));

interface Asked {
  networkId?: string;
  type?: RequestPaused['resourceType'];
  length?: number;
  body?: string;
}

/** As the browser pauses it at its answer; what came of the body was read before the page got it. */
async function paused({ networkId = '7.1', type = 'Script', length, body }: Asked): Promise<Entry> {
  const ledger = new ExchangeLedger(() => {});
  const entry = ledger.paused(
    {
      requestId: 'interception-1',
      request: {
        url: 'http://site.example/sw.js',
        method: 'GET',
        headers: {},
        initialPriority: 'High',
        referrerPolicy: 'strict-origin-when-cross-origin',
      },
      frameId: 'F',
      resourceType: type,
      responseStatusCode: 200,
      responseHeaders:
        length === undefined ? [] : [{ name: 'Content-Length', value: String(length) }],
    },
    networkId,
  );
  if (entry === null) throw new Error('a first request has room');
  if (body !== undefined) {
    entry.body = bodies.newBody();
    entry.isWhole = true;
    await entry.body.append(Buffer.from(body));
    await entry.body.end();
  }
  return entry;
}

const byBrowser = 'ABCDEF0123456789ABCDEF0123456789';
const endedAs = async (asked: Asked) => endingOf(await paused(asked), [], false);

describe('at the cut of its visit, a request whose end nobody told', () => {
  test('is recorded where the whole body was read and had the announced length', async () => {
    const recorded = { class: 'recorded', reason: null };
    expect(await endedAs({ length: 4, body: 'self' })).toEqual(recorded);
    expect(await endedAs({ networkId: byBrowser, body: 'self' })).toEqual(recorded);
  });

  test('is under way where more may come, or nothing was read', async () => {
    const underWay = { class: 'not-kept', reason: 'in-flight' };
    expect(await endedAs({ length: 5, body: 'self' })).toEqual(underWay);
    expect(await endedAs({ body: 'self' })).toEqual(underWay);
    expect(await endedAs({ length: 4 })).toEqual(underWay);
    expect(await endedAs({ type: 'Document', length: 4, body: 'self' })).toEqual(underWay);
  });
});

describe('a fetch that was answered', () => {
  const atMs = 100_000;
  const fetched = async (more: Partial<Entry> = {}) =>
    Object.assign(await paused({ type: 'Fetch' }), { startedAtMs: 1_000 }, more);

  test('is waited for as long as it goes on bringing what can be kept', async () => {
    const goesOn = { givenAtMs: atMs - 1_000, givenBytes: 9 };
    expect(isAwaited(await fetched(goesOn), atMs)).toBe(true);
    expect(isAwaited(await fetched({ ...goesOn, bodyTrouble: 'capped' }), atMs)).toBe(false);
    expect(isAwaited(await fetched({ givenAtMs: atMs - 9_000 }), atMs)).toBe(false);
    expect(isAwaited(await fetched(), atMs)).toBe(false);
  });

  test('and whose kind has no end is never waited for', async () => {
    for (const type of ['text/event-stream', 'application/x-ndjson; charset=utf-8']) {
      const entry = await fetched({ givenAtMs: atMs });
      entry.response?.headers.push(['Content-Type', type]);
      expect(isAwaited(entry, atMs), type).toBe(false);
    }
  });

  test('and is still held by us at the cut was not recorded, however quiet the page', async () => {
    const held = await fetched({ isHeld: true });
    expect(endingOf(held, [], true)).toEqual({ class: 'not-kept', reason: 'in-flight' });
  });
});

test('a port that browsers refuse is the fault of the address, not of our policy', () => {
  expect(failureReason('page.goto: net::ERR_UNSAFE_PORT at http://site.example:25/', null)).toBe(
    'bad-url',
  );
});
