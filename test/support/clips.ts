/** Videos made for a test, by ffmpeg. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs ffmpeg in the folder; the last argument names the file that it makes there. */
export async function ffmpegIn(folder: string, ...args: string[]): Promise<void> {
  await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], { cwd: folder });
}

/** A moving test card with a tone; its index is at the end of the file. */
export async function makeClip(
  folder: string,
  { size, seconds }: { size: string; seconds: number },
): Promise<Buffer> {
  const name = `${randomUUID()}.mp4`;
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25:duration=${seconds}`];
  const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  await ffmpegIn(folder, ...picture, ...sound, ...codecs, name);
  return readFile(join(folder, name));
}
