/** The proof of `npm run prove -- media`, reduced. */
import { expect, test } from 'vitest';
import { proveCuts, proveHostile } from './prove/media.ts';

const said: string[] = [];
const say = (line: string) => void said.push(line);

test('hard cuts are found, flashes and shaking are none, every time is ffprobe’s', async () => {
  await proveCuts({ seed: 1, say }, ['hard cuts', 'flashes', 'shake', 'interlaced, 50 fields'], 4);
}, 120_000);

test('in a shaking picture cuts are known by their colours', async () => {
  await proveCuts({ seed: 6, say }, ['shake'], 12);
}, 120_000);

test('hostile files end with a reason, and no other file is read', async () => {
  await proveHostile({ size: 24, seed: 1, say });
  expect(said.join('\n')).toMatch(/24 hostile files/);
}, 120_000);
