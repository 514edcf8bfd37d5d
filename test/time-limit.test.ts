/** How long something may take, and that what ended in time leaves nothing behind. */
import { describe, expect, test } from 'vitest';
import { timeLimit, within } from '../src/base/time-limit.ts';
import { waiting } from './support/left-waiting.ts';

const hour = 3_600_000;

describe('a time limit', () => {
  test('that is over ends with a TimeoutError', async () => {
    using limit = timeLimit(1, new AbortController().signal);
    await new Promise((resolve) => limit.signal.addEventListener('abort', resolve));
    expect(limit.signal.reason).toMatchObject({ name: 'TimeoutError' });
    expect(limit.isOver).toBe(true);
  });

  test('ends with the first that ends, for its reason, and that is no time limit', () => {
    const [one, other] = [new AbortController(), new AbortController()];
    using limit = timeLimit(hour, one.signal, other.signal);
    expect(limit.signal.aborted).toBe(false);
    other.abort(new Error('told to'));
    one.abort(new Error('too late'));
    expect(limit.signal.reason).toEqual(new Error('told to'));
    expect(limit.isOver).toBe(false);
    using late = timeLimit(hour, one.signal);
    expect(late.signal.reason).toEqual(new Error('too late'));
  });

  test('that was left ends for nobody any more', () => {
    const stopping = new AbortController();
    const limit = timeLimit(hour, stopping.signal);
    limit[Symbol.dispose]();
    stopping.abort();
    expect(limit.signal.aborted).toBe(false);
  });

  test('leaves no timer and no signal behind after 1,000 runs under one long one', async () => {
    const long = new AbortController();
    const before = await waiting();
    for (let run = 0; run < 1_000; run += 1) {
      using limit = timeLimit(hour, long.signal);
      limit.signal.addEventListener('abort', () => {});
      await within(hour, limit.signal, Promise.resolve());
    }
    expect((await waiting()) - before).toBeLessThan(10);
  });
});
