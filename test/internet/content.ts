/**
 * Pictures and clips of the small internet: made by us, once a machine, and kept in a cache
 * folder named by a content version. Each carries the word DEMONSTRATION.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type SharpModule from 'sharp';
import { bandHeight, demonstrationBand } from './stencil.ts';

const run = promisify(execFile);

/** Raise when a recipe below changes: old files are then left alone and new ones made. */
const contentVersion = 5;

export interface PictureRecipe {
  width: number;
  height: number;
  /** Typed lines under the band; may be empty. */
  lines: string[];
  /** Degrees on the colour wheel, so that two pictures don't look alike. */
  hue: number;
  word?: 'DEMONSTRATION' | 'DEMO';
  /** Default jpeg, as pbs.twimg.com serves. */
  format?: 'jpeg' | 'png';
}

export interface ClipRecipe {
  /** Lavfi sources of two seconds each; between two of them lies a hard cut. */
  scenes: string[];
  secondsPerScene: number;
  tone: boolean;
  /** Sets mp4 files apart that show the same: other bytes, and so another digest. */
  serial?: number;
}

export interface Rung {
  width: number;
  height: number;
  bitrate: number;
}

/** The ladder of the recorded samples, lowest first. */
export const rungs: Rung[] = [
  { width: 480, height: 270, bitrate: 256_000 },
  { width: 640, height: 360, bitrate: 832_000 },
  { width: 1280, height: 720, bitrate: 2_176_000 },
];

/** Twelve seconds, six scenes, five hard cuts, something moving in each. */
export const twelveSecondClip: ClipRecipe = {
  scenes: [
    'testsrc2=size=640x360:rate=25',
    'mandelbrot=size=320x180:rate=25:start_scale=0.4:end_scale=0.02:end_pts=60',
    'gradients=size=640x360:rate=25:c0=0x0b3d2e:c1=0xf2c14e:speed=0.05:seed=7',
    'life=size=320x180:rate=25:mold=12:seed=11:ratio=0.3:death_color=0x203050:life_color=0xe8f0ff',
    'testsrc=size=640x360:rate=25',
    'cellauto=size=320x180:rate=25:rule=110:seed=5',
  ],
  secondsPerScene: 2,
  tone: true,
};

/** Two seconds with one cut, for tests that need any video; also what a gif is made of. */
export const twoSecondClip: ClipRecipe = {
  scenes: ['testsrc2=size=640x360:rate=25', 'smptehdbars=size=640x360:rate=25'],
  secondsPerScene: 1,
  tone: true,
};

export function clipMilliseconds(recipe: ClipRecipe): number {
  return recipe.scenes.length * recipe.secondsPerScene * 1000;
}

/** One cache folder and everything in it; the same recipe is made once, also across processes. */
export class Content {
  readonly #folder: string;
  readonly #making = new Map<string, Promise<string>>();

  constructor(
    folder = join(tmpdir(), `holdfast-small-internet-${userInfo().uid}-v${contentVersion}`),
  ) {
    this.#folder = folder;
  }

  /** Bytes of the picture at its full size. */
  async picture(recipe: PictureRecipe): Promise<Buffer> {
    return readFile(await this.#file(recipe, (path) => makePicture(recipe, path)));
  }

  /** A smaller form, as `name=small` gives: fits into the box, or fills it when cropped. */
  async smallerPicture(original: Buffer, box: number, crop: boolean): Promise<Buffer> {
    const key = { of: createHash('sha256').update(original).digest('hex'), box, crop };
    return readFile(
      await this.#file(key, async (path) => {
        const sharp = await loadSharp();
        await sharp(original)
          .resize(box, box, { fit: crop ? 'cover' : 'inside', withoutEnlargement: true })
          .jpeg({ quality: 80 })
          .toFile(path);
      }),
    );
  }

  /**
   * A file of a clip: `1280x720.mp4`, `silent.mp4` (what a gif is), `poster.jpg`,
   * `hls/1280x720/index.m3u8`, `hls/1280x720/000.ts`. `null` when the clip has no such file.
   */
  async clipFile(recipe: ClipRecipe, name: string): Promise<Buffer | null> {
    const path = join(await this.clip(recipe), name);
    if (!existsSync(path)) return null;
    const bytes = await readFile(path);
    const { serial } = recipe;
    return serial === undefined || !name.endsWith('.mp4')
      ? bytes
      : Buffer.concat([bytes, freeBox(serial)]);
  }

  /** Folder with the clip's files; makes it when nobody has yet (some seconds). */
  clip({ serial: _, ...recipe }: ClipRecipe): Promise<string> {
    return this.#file(recipe, async (path) => {
      await mkdir(path);
      await makeClip(recipe, path);
    });
  }

  #file(recipe: object, make: (path: string) => Promise<void>): Promise<string> {
    const name = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 32);
    const running = this.#making.get(name);
    if (running !== undefined) return running;
    const made = this.#makeOnce(name, make);
    this.#making.set(name, made);
    // Somebody who asks after a failure gets a new attempt.
    made.catch(() => this.#making.delete(name));
    return made;
  }

  async #makeOnce(name: string, make: (path: string) => Promise<void>): Promise<string> {
    const target = join(this.#folder, name);
    if (existsSync(target)) return target;
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const scratch = await mkdtemp(join(this.#folder, 'making-'));
    try {
      const path = join(scratch, 'made');
      await make(path);
      // Two processes may race; whoever is second finds the same content in place.
      await rename(path, target).catch((error: unknown) => {
        if (!existsSync(target)) throw error;
      });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    return target;
  }
}

/** A box that every player skips (ISO/IEC 14496-12, 8.1.2). */
function freeBox(content: number): Buffer {
  const box = Buffer.from('\0\0\0\x0cfree\0\0\0\0', 'latin1');
  box.writeUInt32BE(content, 8);
  return box;
}

async function makePicture(recipe: PictureRecipe, path: string): Promise<void> {
  const sharp = await loadSharp();
  const picture = sharp(Buffer.from(pictureSvg(recipe)));
  await (recipe.format === 'png' ? picture.png() : picture.jpeg({ quality: 88 })).toFile(path);
  await chmod(path, 0o600);
}

function pictureSvg({ width, height, lines, hue, word }: PictureRecipe): string {
  const band = bandHeight(width, word);
  const size = Math.round(width / 40);
  const typed = lines.map((line, index) => {
    const y = band + size * 3 + index * size * 1.6;
    return `<text x="${size * 2}" y="${y}" font-family="DejaVu Serif, Georgia, serif" font-size="${size}" fill="#1b1b1b">${escapeMarkup(line)}</text>`;
  });
  // At both ends, so that a cropped picture still says what it is; an avatar is cut to a circle.
  const bands = word === 'DEMO' ? [(height - band) / 2] : [0, height - band];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`,
    `<rect width="100%" height="100%" fill="hsl(${hue} 30% 92%)"/>`,
    ...typed,
    ...shapes(hue, width, height, typed.length > 4),
    ...bands.map((top) => demonstrationBand({ width, top, word })),
    '</svg>',
  ].join('');
}

/** Something to look at and to fingerprint: rings whose places follow from the hue. */
function shapes(hue: number, width: number, height: number, typed: boolean): string[] {
  if (typed) return [];
  return Array.from({ length: 7 }, (_, index) => {
    const turn = hue * (index + 3);
    const x = width * (0.1 + ((turn * 37) % 100) / 125);
    const y = height * (0.2 + ((turn * 61) % 100) / 170);
    const radius = Math.min(width, height) * (0.06 + ((turn * 13) % 100) / 700);
    const colour = `hsl(${(hue + index * 47) % 360} 55% ${30 + index * 7}%)`;
    return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${colour}" stroke="#fff" stroke-width="6"/>`;
  });
}

/** One ffmpeg run for the whole ladder, one that only copies for each HLS rendition. */
async function makeClip(recipe: ClipRecipe, folder: string): Promise<void> {
  const top = rungs.at(-1) as Rung;
  const overlay = join(folder, 'overlay.png');
  await writeOverlay(top, overlay);
  await ffmpeg(ladderArguments(recipe, overlay, folder));
  await rm(overlay);
  for (const rung of rungs) await makeHls(`${rung.width}x${rung.height}`, folder);
  const best = join(folder, `${top.width}x${top.height}.mp4`);
  await ffmpeg([
    '-ss',
    '0.5',
    '-i',
    best,
    '-frames:v',
    '1',
    '-q:v',
    '3',
    join(folder, 'poster.jpg'),
  ]);
  const gif = ['-i', best, '-an', '-c', 'copy', '-movflags', '+faststart'];
  await ffmpeg([...gif, join(folder, 'silent.mp4')]);
}

async function writeOverlay({ width, height }: Rung, path: string): Promise<void> {
  const sharp = await loadSharp();
  const top = height - bandHeight(width);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${demonstrationBand({ width, top })}</svg>`;
  await sharp(Buffer.from(svg)).png().toFile(path);
}

function ladderArguments(recipe: ClipRecipe, overlay: string, folder: string): string[] {
  const seconds = String(recipe.secondsPerScene);
  const sources = recipe.scenes.flatMap((scene) => ['-f', 'lavfi', '-t', seconds, '-i', scene]);
  const count = recipe.scenes.length;
  const total = String(clipMilliseconds(recipe) / 1000);
  const tone = recipe.tone ? 'sine=frequency=440:sample_rate=44100' : 'anullsrc=r=44100:cl=mono';
  const fitted = recipe.scenes.map(
    (_, index) =>
      `[${index}:v]scale=1280:720:flags=fast_bilinear,setsar=1,format=yuv420p[s${index}]`,
  );
  const joined = recipe.scenes.map((_, index) => `[s${index}]`).join('');
  const split = rungs.map((_, index) => `[v${index}]`).join('');
  const graph = [
    ...fitted,
    `${joined}concat=n=${count}:v=1:a=0[cut]`,
    `[cut][${count + 1}:v]overlay=0:0,format=yuv420p,split=${rungs.length}${split}`,
    ...rungs.map(({ width, height }, index) => `[v${index}]scale=${width}:${height}[o${index}]`),
  ].join(';');
  const outputs = rungs.flatMap((rung, index) => [
    ...['-map', `[o${index}]`, '-map', `${count}:a`, '-t', total],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-b:v', String(rung.bitrate)],
    ...[
      '-c:a',
      'aac',
      '-b:a',
      '64k',
      '-movflags',
      '+faststart',
      '-metadata',
      'title=DEMONSTRATION',
    ],
    join(folder, `${rung.width}x${rung.height}.mp4`),
  ]);
  const audio = ['-f', 'lavfi', '-t', total, '-i', tone];
  return [...sources, ...audio, '-i', overlay, '-filter_complex', graph, ...outputs];
}

async function makeHls(size: string, folder: string): Promise<void> {
  const target = join(folder, 'hls', size);
  await mkdir(target, { recursive: true });
  await ffmpeg([
    ...['-i', join(folder, `${size}.mp4`), '-c', 'copy', '-f', 'hls', '-hls_time', '2'],
    ...['-hls_playlist_type', 'vod', '-hls_segment_filename', join(target, '%03d.ts')],
    join(target, 'index.m3u8'),
  ]);
}

async function ffmpeg(args: string[]): Promise<void> {
  await run('ffmpeg', ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', ...args]);
}

/** Loaded when first needed: with a warm cache nothing here needs it. */
async function loadSharp(): Promise<typeof SharpModule> {
  return (await import('sharp')).default;
}

export function escapeMarkup(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
