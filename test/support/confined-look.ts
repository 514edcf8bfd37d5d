/**
 * Runs a shell as a confined tool and prints what it met: `node confined-look.ts FOLDER SCRIPT
 * [INPUT]`. A process of its own, so that it can be started as another user, or with another PATH.
 */
import { runConfined } from '../../src/media/tools/confine.ts';
import { confinement, meansOf } from '../../src/media/tools/confinement.ts';

const [folder = '', script = '', ...inputs] = process.argv.slice(2);
const lines: string[] = [];
const run = {
  executable: 'sh',
  options: ['-c', script],
  ...{ folder, inputs, timeLimitMs: 20_000 },
  onLine: (line: string) => void lines.push(line),
};
const { broke, complaints } = await runConfined(run, new AbortController().signal);
const means = await meansOf();
const words = await confinement();
process.stdout.write(JSON.stringify({ by: means.by, words, lines, broke, complaints }));
