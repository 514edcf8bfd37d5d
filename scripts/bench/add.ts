/**
 * Adding many links at once, as a person does: one file, `holdfast add FILE --jsonl`, from the start
 * of the process to its end, and the memory that it takes at most. A tenth of the links come twice,
 * and one in fifty can't be captured. Then the same file again, of which everything is known.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, BenchRun } from './bench.ts';

const links = Number(process.env.BENCH_LINKS ?? 100_000);
const aim = { seconds: 10, megabytes: 250 };
const program = fileURLToPath(new URL('../../bin/holdfast', import.meta.url));

export const bench: Bench = {
  async measure({ say }: BenchRun) {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
    try {
      const file = join(folder, 'links.txt');
      await writeFile(file, Array.from({ length: links }, (_, i) => `${linkAt(i)}\n`).join(''));
      await writeFile(join(folder, 'one.txt'), 'https://example.org/\n');
      await add(folder, join(folder, 'one.txt'));
      for (const what of ['new links', 'the same links again']) {
        const { seconds, processorSeconds, megabytes, lines } = await add(folder, file);
        assert.equal(lines, links);
        const reached = seconds < aim.seconds && megabytes < aim.megabytes ? 'reached' : 'MISSED';
        say(
          `${links} ${what}: ${seconds.toFixed(1)} s, of which ${processorSeconds.toFixed(1)} s of processor time in holdfast itself, ` +
            `${megabytes.toFixed(0)} MB at most; wanted ${aim.seconds} s and ${aim.megabytes} MB: ${reached}`,
        );
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function linkAt(place: number): string {
  if (place % 50 === 49) return `https://localhost/${place}`;
  const of = place % 10 === 9 ? place - 7 : place;
  if (of % 2 === 0)
    return `https://x.com/somebody/status/${1_600_000_000_000_000_000n + BigInt(of)}`;
  return `https://news${of % 97}.example.org/2026/11/${of}/a-report?page=${of % 7}`;
}

async function add(folder: string, file: string) {
  const report = `import { writeFileSync } from 'node:fs'; process.on('exit', () =>
    writeFileSync(${JSON.stringify(join(folder, 'usage.json'))}, JSON.stringify(process.resourceUsage())))`;
  const output = await open(join(folder, 'added.jsonl'), 'w');
  const startedAt = performance.now();
  const child = spawn(program, ['add', file, '--case', 'bench', '--jsonl'], {
    cwd: folder,
    stdio: ['ignore', output.fd, 'ignore'],
    env: {
      ...{ PATH: process.env.PATH, HOLDFAST_HOME: join(folder, 'home') },
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(report)}`,
    },
  });
  await once(child, 'close');
  const seconds = (performance.now() - startedAt) / 1000;
  await output.close();
  const usage = JSON.parse(
    await readFile(join(folder, 'usage.json'), 'utf8'),
  ) as NodeJS.ResourceUsage;
  return {
    seconds,
    processorSeconds: (usage.userCPUTime + usage.systemCPUTime) / 1e6,
    megabytes: (usage.maxRSS * 1024) / 1e6,
    lines: (await readFile(join(folder, 'added.jsonl'), 'utf8')).split('\n').length - 1,
  };
}
