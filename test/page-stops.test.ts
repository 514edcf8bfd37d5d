/** A visit that is stopped between two of its looks: it begins nothing more, and no rejection goes unheard. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HttpClient } from '../src/egress/egress.ts';
import type { PageRecipe } from '../src/model/plan.ts';
import { BodyStore } from '../src/recorder/body-store.ts';
import { type Entry, ExchangeLedger } from '../src/recorder/exchange-ledger.ts';
import { Refetches } from '../src/recorder/refetch.ts';
import type { Vault } from '../src/vault/vault.ts';
import { VisitArtifacts } from '../src/visit/visit-artifacts.ts';
import { type CaptureDeps, type CaptureOptions, visitPage } from '../src/visit/visit-page.ts';

const shutdown = new Error('shutdown');
const unheard: unknown[] = [];
const hear = (reason: unknown) => unheard.push(reason);

beforeEach(() => {
  unheard.length = 0;
  process.on('unhandledRejection', hear);
});
afterEach(async () => {
  await nextTurn(); // Node tells of them after the microtasks of a turn
  process.off('unhandledRejection', hear);
  expect(unheard).toEqual([]);
});

test('looks at the page no more', async () => {
  const artifacts = new VisitArtifacts('view', {} as Vault, () => {}, AbortSignal.abort(shutdown));
  const look = () => Promise.reject(new Error('the browser is gone'));
  await expect(artifacts.attempt('dom', look)).rejects.toThrow('shutdown');
});

test('goes nowhere when it is stopped just as its page was opened', async () => {
  const stop = new AbortController();
  const page = new Proxy({} as Record<string, unknown>, {
    get: (_, name) => {
      if (name === 'then') return undefined;
      if (['on', 'once', 'context'].includes(String(name))) return () => page;
      return () => Promise.reject(new Error('the browser is gone'));
    },
  });
  const context = { newPage: async () => page, close: async () => {} };
  const watch = async () => {
    stop.abort(shutdown);
    return page;
  };
  const deps = {
    browser: {
      newContext: async () => context,
      programs: async () => ({}),
      door: { connections: () => [] },
    },
    recorder: { watch },
    vault: {},
  } as unknown as CaptureDeps;
  const recipe = { view: 'view', url: 'https://a.example/' } as PageRecipe;
  const options = { timeoutMs: 1_000, maxHeightPx: 1_000, settleMs: 1 } as CaptureOptions;
  await expect(visitPage(deps, recipe, options, stop.signal)).rejects.toThrow('shutdown');
});

test('waits for no file that is fetched again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-page-stops-'));
  try {
    const stop = new AbortController();
    const asked = Promise.withResolvers<void>();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const client: HttpClient = {
      request: ({ signal }) => {
        asked.resolve();
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => ended.then(() => reject(signal.reason)));
        });
      },
    };
    const ledger = new ExchangeLedger(() => {});
    const refetches = new Refetches(client, new BodyStore(folder, 1_000), ledger, stop.signal);
    const url = 'https://a.example/clip.mp4';
    refetches.want({ url, view: 'view', requestHeaders: {}, networkId: '1' } as Entry);
    await asked.promise;
    stop.abort(shutdown);
    await expect(refetches.finish(() => true, 1_000)).rejects.toThrow('shutdown');
    end(); // late, when nobody waits for it any more
    await nextTurn();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
