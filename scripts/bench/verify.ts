/**
 * Verifying a whole bundle against `openssl dgst -sha256` over the same files: the verifier
 * does more, and should still run at no less than 0.8 of its speed. And the memory that it
 * takes for many captures against that for a few.
 */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeBundle } from '../../src/seal/bundle/write-bundle.ts';
import { verified } from '../../test/support/bundles.ts';
import { MadeUpLog } from '../../test/support/made-up-log.ts';
import { type Bench, type BenchRun, inWords, median, timePairs } from './bench.ts';

const run = promisify(execFile);
const MiB = 1024 * 1024;
/** A video, pictures and texts in each of these captures. */
const captures = Number(process.env.BENCH_VERIFY_CAPTURES ?? 12);
const fileBytes = [48 * MiB, 4 * MiB, 2 * MiB, 200_000, 50_000, 5_000];
const limit = 1 / 0.8;

export const bench: Bench = {
  async measure(benchRun) {
    await measureSpeed(captures, benchRun);
    await measureMemory(1_000, benchRun);
  },
};

async function measureSpeed(count: number, { pairs, say }: BenchRun): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  try {
    const { path, vkey } = await bundleOf(folder, count, fileBytes);
    const files = (await readdir(path, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    const times = await timePairs(
      pairs,
      () => run('openssl', ['dgst', '-sha256', ...files], { maxBuffer: 64 * MiB }),
      async () => {
        const { verdict } = await verified(path, { vkeys: [vkey] });
        if (verdict !== 'valid') throw new Error(`the bundle is ${verdict}`);
      },
    );
    const ratio = median(times.ratios);
    say(`verify against openssl dgst, ${files.length} files: ${inWords(times)}`);
    say(
      `${(1 / ratio).toFixed(2)} of its speed, wanted 0.8: ${ratio <= limit ? 'reached' : 'MISSED'}`,
    );
    return ratio;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Peak memory of a process that verifies many captures, against one that verifies few. */
export async function measureMemory(count: number, { say }: BenchRun): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  try {
    const peaks: number[] = [];
    for (const size of [count / 20, count]) {
      const { path, vkey } = await bundleOf(join(folder, String(size)), size, [3_000, 1_000]);
      peaks.push(await peakMiB(path, vkey));
    }
    const [few = 0, many = 0] = peaks;
    say(
      `peak memory: ${few.toFixed(0)} MiB for ${count / 20} captures, ${many.toFixed(0)} MiB for ${count}`,
    );
    return many - few;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bundleOf(folder: string, count: number, sizes: number[]) {
  const log = new MadeUpLog();
  for (let number = 0; number < count; number += 1) {
    const files = sizes.map((size, place): [string, Buffer] => [
      `file-${place}.bin`,
      randomBytes(size),
    ]);
    await log.capture({ priorCheckpoint: null }, Object.fromEntries(files));
  }
  const path = join(folder, 'bundle');
  await writeBundle(path, await log.content());
  return { path, vkey: log.vkey };
}

/** In a process of its own, by the command line as people use it. */
async function peakMiB(path: string, vkey: string): Promise<number> {
  const cli = fileURLToPath(new URL('../holdfast.ts', import.meta.url));
  const report = `process.on('exit',()=>console.error('peak',process.resourceUsage().maxRSS))`;
  const child = spawn(
    process.execPath,
    [
      '--max-semi-space-size=8',
      '--import',
      `data:text/javascript,${encodeURIComponent(report)}`,
      cli,
      'verify',
      path,
      '--vkey',
      vkey,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(said.slice(-500));
  return Number(/peak (\d+)/.exec(said)?.[1]) / 1024;
}
