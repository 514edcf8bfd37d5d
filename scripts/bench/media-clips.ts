/** The clips that are looked into, made here: two of 60 s, 1080p30 and 3.7 Mbit/s, and small ones of any length. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chance } from '../../test/prove/chance.ts';
import { ffmpeg } from '../../test/prove/media-cuts.ts';

const bitRate = ['-b:v', '3700k', '-pix_fmt', 'yuv420p'];
const sine = (seconds: number) => ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`];

/** Drawn, with a cut each eight seconds: flat colours are soon decoded. */
export async function drawnClip(folder: string): Promise<string> {
  const path = join(folder, 'drawn.mp4');
  await ffmpeg([
    ...['-f', 'lavfi', '-i', 'testsrc2=size=1920x1080:rate=30:duration=60', ...sine(60)],
    ...['-vf', "hue=h='90*floor(t/8)'"],
    ...['-c:v', 'libx264', '-preset', 'veryfast', ...bitRate, '-c:a', 'aac', path],
  ]);
  return path;
}

const view = { width: 1920, height: 1080 };
/** Room for the hand that holds the camera. */
const margin = { x: 96, y: 54 };
const shots = 3;
const shotSeconds = 20 / shots;

/**
 * As a camera sees and platforms encode: much detail, a hand that pans and trembles, noise
 * of a sensor, a cut each seven seconds; CABAC, B-frames, three references. 20 s of it, three
 * times over: encoding takes longer than all that is measured.
 */
export async function cameraClip(folder: string): Promise<string> {
  const random = chance(7);
  const inputs: string[] = [];
  for (let shot = 0; shot < shots; shot++) {
    const picture = join(folder, `place-${shot}.ppm`);
    await writeFile(picture, place(random));
    inputs.push('-loop', '1', '-framerate', '30', '-t', String(shotSeconds), '-i', picture);
  }
  const x = `${margin.x}+80*sin(t*0.9)+6*sin(t*7.1)`;
  const y = `${margin.y}+44*cos(t*0.7)+5*sin(t*8.3)`;
  const held = `crop=${view.width}:${view.height}:x='${x}':y='${y}'`;
  const [once, path] = [join(folder, 'once.mp4'), join(folder, 'camera.mp4')];
  await ffmpeg([
    ...[...inputs, ...sine(20)],
    ...['-filter_complex', `concat=n=${shots},${held},noise=alls=8:allf=t[seen]`],
    ...['-map', '[seen]', '-map', `${shots}:a`],
    ...['-c:v', 'libx264', '-preset', 'medium', ...bitRate, '-c:a', 'aac', once],
  ]);
  await ffmpeg(['-stream_loop', '2', '-i', once, '-c', 'copy', path]);
  return path;
}

/** Ground and sky, and things of all sizes, each with its grain. As PPM. */
function place(random: () => number): Buffer {
  const [width, height] = [view.width + 2 * margin.x, view.height + 2 * margin.y];
  const pixels = Buffer.alloc(width * height * 3);
  const fill = (left: number, top: number, wide: number, high: number) => {
    const colour = [0, 1, 2].map(() => 20 + 180 * random());
    for (let y = Math.max(0, top); y < Math.min(height, top + high); y++) {
      for (let x = Math.max(0, left); x < Math.min(width, left + wide); x++) {
        const grain = 24 * random() + (y % 97) / 4;
        for (const [channel, value] of colour.entries()) {
          pixels[(y * width + x) * 3 + channel] = value + grain;
        }
      }
    }
  };
  const whole = (number: number) => Math.floor(number * random());
  const side = () => 8 + whole(whole(200));
  fill(0, 0, width, height);
  fill(0, Math.floor(height * 0.45), width, height);
  for (let thing = 0; thing < 400; thing++) fill(whole(width), whole(height), side(), side());
  return Buffer.concat([Buffer.from(`P6 ${width} ${height} 255\n`), pixels]);
}

/** Two frames a second, 160 by 90. */
export async function smallClip(folder: string, seconds: number): Promise<string> {
  const path = join(folder, `small-${seconds}.mp4`);
  await ffmpeg([
    ...['-f', 'lavfi', '-i', `testsrc2=size=160x90:rate=2:duration=${seconds}`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '20', path],
  ]);
  return path;
}
