/** A first look at a long video: only frames that decode by themselves, a tenth of the work. */
import { join } from 'node:path';
import { confinement } from '../tools/confinement.ts';
import {
  argumentsOf,
  type FfmpegRun,
  MediaToolError,
  type MediaTools,
  runFfmpeg,
  toolVersion,
} from '../tools/ffmpeg.ts';
import type { MediaProbe, VideoStream } from '../tools/probe.ts';
import { framesPerSheet, thumbnailBox } from './contact-sheet.ts';
import type { FrameFile, Made } from './decode-frames.ts';
import { frameReader, type PrintedFrame, printed } from './frame-filters.ts';

export interface Preview {
  frames: FrameFile[];
  everySeconds: number;
  made: Made;
}

const timeLimitMs = 10 * 60_000;
const pattern = 'preview-%05d.jpg';

/** A damaged file gives what decodes. @throws as `runFfmpeg`, except `ffmpeg-failed` */
export async function decodePreview(
  tools: MediaTools,
  request: { path: string; folder: string; probe: MediaProbe; video: VideoStream },
  signal: AbortSignal,
): Promise<Preview> {
  const { path, folder, probe, video } = request;
  const most = framesPerSheet(video);
  const everySeconds = Math.ceil((probe.durationMs ?? 0) / 1000 / most);
  const frames: PrintedFrame[] = [];
  const { width, height } = thumbnailBox(video);
  const run: FfmpegRun = {
    input: path,
    inputOptions: ['-copyts', '-skip_frame', 'nokey'],
    filterGraph:
      `[0:${video.index}]select='isnan(prev_selected_t)+gte(t-prev_selected_t,${everySeconds})',` +
      `${printed('thumbnail')},` +
      `scale=w=${width}:h=${height}:force_original_aspect_ratio=decrease:flags=area[small]`,
    outputs: [
      {
        options: [
          ...['-map', '[small]', '-fps_mode', 'passthrough', '-enc_time_base', '-1'],
          ...['-q:v', '3', '-frames:v', String(most)],
        ],
        target: pattern,
      },
    ],
    folder,
    timeLimitMs,
    yielding: true,
    onPrinted: frameReader((frame) => void frames.push(frame)),
  };
  await runFfmpeg(tools, run, signal).catch((error: unknown) => {
    if (!(error instanceof MediaToolError) || error.code !== 'ffmpeg-failed') throw error;
  });
  return {
    frames: frames.slice(0, most).map((frame, index) => ({
      ...frame,
      path: join(folder, pattern.replace('%05d', String(index + 1).padStart(5, '0'))),
    })),
    everySeconds,
    made: {
      tool: 'ffmpeg',
      version: await toolVersion(tools.ffmpeg),
      arguments: argumentsOf(run, 'ORIGINAL'),
      confinement: await confinement(),
    },
  };
}
