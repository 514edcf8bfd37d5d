/** A clip of six scenes, each with motion, all under noise; only the first shows any writing: a clock. */
import { join } from 'node:path';
import { ffmpegIn } from './clips.ts';

const drawn = 'size=1280x720:rate=25';

/** ffmpeg's own sources of pictures, each of which moves. */
const scenes = [
  `testsrc2=${drawn}`,
  `mandelbrot=${drawn}`,
  `gradients=${drawn}:seed=3:speed=0.05`,
  `cellauto=${drawn}:rule=110:seed=5`,
  'life=size=320x180:rate=25:mold=10:seed=5:ratio=0.3,scale=1280:720',
  `smptehdbars=${drawn},rotate=t*0.3`,
];

/** 720p, 25 frames a second. @returns its path */
export async function sixScenes(folder: string, seconds: number): Promise<string> {
  const each = seconds / scenes.length;
  const graph = [
    ...scenes.map(
      (scene, at) =>
        `${scene},trim=duration=${each},setpts=PTS-STARTPTS,format=yuv420p,setsar=1[v${at}]`,
    ),
    `${scenes.map((_, at) => `[v${at}]`).join('')}concat=n=${scenes.length}:v=1,noise=alls=12:allf=t:all_seed=7`,
  ];
  const name = `six-scenes-${seconds}.mp4`;
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
  await ffmpegIn(folder, '-filter_complex', graph.join(';'), ...codec, '-t', String(seconds), name);
  return join(folder, name);
}
