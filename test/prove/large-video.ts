/** A large video goes through the whole pipeline in little memory. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toolEnvironment } from '../../src/config/config.ts';
import type { Proof } from './proof.ts';
import { type ProvingGround, provingGround } from './proving-ground.ts';
import type { WorkerProcess } from './worker-process.ts';

const MiB = 1024 * 1024;
const growthLimitMiB = 64;

/** Size: MiB of video. */
export const proof: Proof = {
  fullSize: 1024,
  async prove({ size, say }) {
    await using ground = await provingGround('postgres');
    const clip = shortClip(ground.home);
    addVideoPage(ground, 'small', clip, 1);
    addVideoPage(ground, 'large', clip, size);
    const worker = ground.startWorker();
    // The first capture loads the browser driver, ffmpeg and sharp: idle is what comes after.
    await captured(ground, 'small', 1);
    const idle = await settled(worker);
    const small = await peakWhile(worker, () => captured(ground, 'small', 1));
    const startedAt = Date.now();
    const large = await peakWhile(worker, () => captured(ground, 'large', size));
    const seconds = (Date.now() - startedAt) / 1000;
    say(
      `${size} MiB video in ${seconds.toFixed(1)} s: worker idle ${mib(idle)} MiB, peak minus idle ${mib(large - idle)} MiB (${mib(small - idle)} MiB with a video of 1 MiB)`,
    );
    const growth = large - Math.max(idle, small);
    assert.ok(growth < growthLimitMiB * MiB, `the worker grew by ${mib(growth)} MiB`);
    await worker.stop();
  },
};

function shortClip(folder: string): Buffer {
  const path = join(folder, 'clip.mp4');
  const source = 'testsrc2=size=640x360:rate=25:duration=8';
  execFileSync(
    'ffmpeg',
    [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      source,
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-movflags',
      '+faststart',
      path,
    ],
    { env: toolEnvironment() },
  );
  return readFileSync(path);
}

/** A page with a video of this size: a short clip, and then a `free` box that players pass over. */
function addVideoPage(ground: ProvingGround, name: string, clip: Buffer, sizeMiB: number): void {
  const padding = Math.max(8, sizeMiB * MiB - clip.length);
  const box = Buffer.alloc(8);
  box.writeUInt32BE(padding, 0);
  box.write('free', 4, 'latin1');
  const video = `https://${name}.example.org/clip.mp4`;
  ground.internet.world.addPage(video, {
    handler: () => ({
      status: 200,
      headers: { 'content-type': 'video/mp4', 'content-length': String(clip.length + padding) },
      stream: async function* () {
        yield clip;
        yield box;
        const zeros = Buffer.alloc(MiB);
        for (let left = padding - 8; left > 0; left -= MiB)
          yield zeros.subarray(0, Math.min(left, MiB));
      },
    }),
  });
  ground.internet.world.addPage(`https://${name}.example.org/`, {
    html: `<!doctype html><title>${name}</title><h1>A page with a video</h1><video src="${video}" preload="none" controls></video>`,
  });
}

async function captured(ground: ProvingGround, name: string, sizeMiB: number): Promise<void> {
  const ids = await ground.submit(`https://${name}.example.org/`);
  const [record] = await ground.untilClosed(ids, 20 * 60_000);
  assert.equal(record?.state, 'complete', JSON.stringify(record?.steps));
  const original = record?.artifacts.find(({ role }) => role === 'media.original');
  assert.equal(original?.sizeBytes, Math.max(sizeMiB * MiB, original?.sizeBytes ?? 0));
  assert.ok(record?.artifacts.some(({ role }) => role === 'keyframe'));
}

/** Resident size once it has stopped changing by more than 1 MiB. */
async function settled(worker: WorkerProcess): Promise<number> {
  let before = 0;
  for (let looks = 0; looks < 40; looks += 1) {
    const now = worker.residentBytes() ?? 0;
    if (Math.abs(now - before) < MiB) return now;
    before = now;
    await sleep(250);
  }
  return before;
}

/** The highest resident size while something is done. */
async function peakWhile(worker: WorkerProcess, work: () => Promise<void>): Promise<number> {
  let peak = 0;
  const done = new AbortController();
  const watching = (async () => {
    while (!done.signal.aborted) {
      peak = Math.max(peak, worker.residentBytes() ?? 0);
      await sleep(50);
    }
  })();
  try {
    await work();
  } finally {
    done.abort();
    await watching;
  }
  return peak;
}

function mib(bytes: number): string {
  return (bytes / MiB).toFixed(0);
}
