import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDoorSocket } from '../src/media/tools/door-socket.ts';

const doorUrl = 'http://127.0.0.1:9';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-door-socket-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test('a way out that is closed leaves nothing', async () => {
  vi.stubEnv('TMPDIR', folder);
  const doorSocket = await openDoorSocket(doorUrl);
  expect(doorSocket.socketPath.startsWith(folder)).toBe(true);
  await doorSocket[Symbol.asyncDispose]();
  expect(await readdir(folder)).toEqual([]);
});

test('one that can not be opened, because its path is too long for a socket, leaves nothing either', async () => {
  const deep = join(folder, 'x'.repeat(120));
  await mkdir(deep);
  vi.stubEnv('TMPDIR', deep);
  await expect(openDoorSocket(doorUrl)).rejects.toThrow();
  expect(await readdir(deep)).toEqual([]);
});
