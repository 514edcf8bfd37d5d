/** What a process says of itself while it works: in order, and none of it outlasts the work. */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { App } from '../src/app.ts';
import type { Database } from '../src/catalog/database.ts';
import { reportProgress } from '../src/pipeline/report-progress.ts';
import { keepHeartbeat } from '../workers/heartbeat.ts';
import { silent } from './support/database.ts';

/** A database that takes its time over the first thing that it is told. */
function slowDatabase() {
  const reported: string[] = [];
  const first = Promise.withResolvers<void>();
  const query = async (sql: string) => {
    if (reported.length === 0) {
      reported.push('insert begins');
      await first.promise;
    }
    reported.push(sql.trim().split(/\s/, 1)[0] ?? '');
    return { rows: [], rowCount: 0 };
  };
  return { reported, answer: first.resolve, database: { query } as unknown as Database };
}

describe('heartbeats', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  test('come one after the other, and none after the end', async () => {
    const { reported, answer, database } = slowDatabase();
    const { end } = keepHeartbeat({ parts: { database, log: silent } } as unknown as App, 'any');
    await vi.advanceTimersByTimeAsync(45_000);
    const ended = [end(), end()];
    await turn();
    expect(reported).toEqual(['insert begins']);
    answer();
    await Promise.all(ended);
    expect(reported).toEqual(['insert begins', 'insert', 'insert', 'insert', 'delete']);
  });
});

describe('progress', () => {
  test('that is told late is in before it is taken back', async () => {
    const { reported, answer, database } = slowDatabase();
    const done = reportProgress({ database }, { captureId: 'c1' }, 'media', async (report) => {
      report({ doneBytes: 1 });
      report({ doneBytes: 2 });
    });
    await turn();
    answer();
    await done;
    expect(reported).toEqual(['insert begins', 'insert', 'insert', 'delete']);
  });

  test('of work that fails is taken back too, and the failure is what its caller hears', async () => {
    const { reported, answer, database } = slowDatabase();
    answer();
    const failing = reportProgress({ database }, { captureId: 'c1' }, 'media', async (report) => {
      report({ doneBytes: 1 });
      throw new Error('no media');
    });
    await expect(failing).rejects.toThrow('no media');
    expect(reported.at(-1)).toBe('delete');
  });
});
