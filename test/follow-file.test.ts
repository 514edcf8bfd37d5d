/** What a tool is still writing is read to its end, in order, whatever pieces it comes in. */
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { followFrames } from '../src/media/keyframes/follow-frames.ts';
import { runConfined } from '../src/media/tools/confine.ts';
import { followFile, followLines } from '../src/media/tools/follow-file.ts';
import { waiting } from './support/left-waiting.ts';
import { fc } from './support/property.ts';

let folder: string;
let files = 0;
const newPath = () => join(folder, `written-${files++}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-follow-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe('a file that grows', () => {
  test('is handed over while it grows, not only at its end', async () => {
    const path = newPath();
    const lines: string[] = [];
    const following = followLines(path, (line) => lines.push(line));
    await appendFile(path, 'first\nsec');
    await vi.waitFor(() => expect(lines).toHaveLength(1));
    await appendFile(path, 'ond\n');
    await vi.waitFor(() => expect(lines).toHaveLength(2));
    await following.ended();
    expect(lines).toEqual(['first', 'second']);
  });

  test('in whatever pieces it is written, each whole line comes once and in order', async () => {
    const piece = fc.string({ unit: fc.constantFrom('a', 'é', '\n', ' ') });
    const written = async (pieces: string[]) => {
      const path = newPath();
      const lines: string[] = [];
      const following = followLines(path, (line) => lines.push(line));
      for (const each of pieces) await appendFile(path, each);
      await following.ended();
      expect(lines).toEqual(pieces.join('').split('\n').slice(0, -1));
    };
    await fc.assert(fc.asyncProperty(fc.array(piece), written), { numRuns: 50 });
  });

  test('a line longer than the buffer comes in pieces, and what follows is read as ever', async () => {
    const path = newPath();
    const long = 'x'.repeat(200_000);
    await appendFile(path, `before\n${long}\nafter\n`);
    const lines: string[] = [];
    await followLines(path, (line) => lines.push(line)).ended();
    expect(lines[0]).toBe('before');
    expect(lines.at(-1)).toBe('after');
    expect(lines.slice(1, -1).join('')).toBe(long);
  });

  test('bytes that are not used come again, with more behind them', async () => {
    const path = newPath();
    await appendFile(path, 'abcdef');
    const seen: string[] = [];
    await followFile(path, 4, (bytes) => {
      seen.push(bytes.toString());
      return Math.min(1, bytes.length);
    }).ended();
    expect(seen).toEqual(['abcd', 'bcde', 'cdef', 'def', 'ef', 'f', '']);
  });

  test('a file that never came to be has no lines', async () => {
    await followLines(newPath(), () => expect.unreachable()).ended();
  });
});

test('frames wait for their times, and a cut last frame is left out', async () => {
  const path = newPath();
  await appendFile(path, 'aaaabbbbcc');
  const frames: string[] = [];
  const following = followFrames(path, 4, (pts, bytes) => {
    frames.push(`${pts} ${Buffer.from(bytes).toString()}`);
  });
  following.timed(10n);
  await vi.waitFor(() => expect(frames).toHaveLength(1));
  following.timed(20n);
  following.timed(30n);
  await following.ended();
  expect(frames).toEqual(['10 aaaa', '20 bbbb']);
});

describe('a tool that prints to a file', () => {
  const run = { options: ['3'], timeLimitMs: 60_000 };
  const never = new AbortController().signal;

  test('has all its lines handed over when it has ended, and leaves no file', async () => {
    const path = newPath();
    const lines: string[] = [];
    const onLine = (line: string) => void lines.push(line);
    const counting = { ...run, executable: 'seq', onLine, linesThrough: path };
    expect(await runConfined(counting, never)).toMatchObject({ complaints: [], broke: null });
    expect(lines).toEqual(['1', '2', '3']);
    await appendFile(path, '', { flag: 'ax' });
  });

  test('is not started where the file is there already', async () => {
    const path = newPath();
    await appendFile(path, 'of somebody else');
    const counting = { ...run, executable: 'seq', onLine: () => {}, linesThrough: path };
    await expect(runConfined(counting, never)).rejects.toMatchObject({ code: 'EEXIST' });
  });

  test('leaves no file when it is stopped', async () => {
    const [path, log] = [newPath(), newPath()];
    await appendFile(log, 'a line, and then nothing\n');
    const stop = new AbortController();
    const onLine = () => stop.abort(new Error('enough'));
    const options = ['-f', log];
    const tail = { executable: 'tail', options, inputs: [log] };
    const endless = { ...run, ...tail, onLine, linesThrough: path };
    await expect(runConfined(endless, stop.signal)).rejects.toThrow('enough');
    await appendFile(path, '', { flag: 'ax' });
  });

  test('leaves nothing that waits for its time limit', async () => {
    const counting = { ...run, executable: 'true', onLine: () => {} };
    await runConfined(counting, never);
    const before = await waiting();
    for (let time = 0; time < 20; time++) await runConfined(counting, never);
    expect((await waiting()) - before).toBeLessThan(10);
  });
});
