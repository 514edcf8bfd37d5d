/** What is inside a media file, as ffprobe sees it. */
import { z } from 'zod';
import { PermanentError } from '../../base/errors.ts';
import { type MediaTools, runFfprobe } from './ffmpeg.ts';

export interface VideoStream {
  index: number;
  codec: string | null;
  /** As shown: after rotation. */
  width: number;
  height: number;
  /** Degrees that a player turns the picture by, counter-clockwise. */
  rotation: number;
  /** Seconds per unit of pts, as `1/15360`. */
  timeBase: string;
  framesPerSecond: number | null;
}

export interface MediaProbe {
  container: string;
  /** `null`: the file doesn't say. */
  durationMs: number | null;
  /** Where the container's clock starts, in seconds, as written: `1.400000`. */
  startTime: string | null;
  /** The moving picture; covers inside sound files don't count. */
  video: VideoStream | null;
  audio: { index: number; codec: string | null } | null;
  streams: { index: number; kind: string; codec: string | null }[];
  /** ffprobe's complaints about the file. */
  complaints: string[];
}

const seconds = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .optional()
  .catch(undefined);

const stream = z.object({
  index: z.number().int(),
  codec_type: z.string().default('unknown'),
  codec_name: z.string().optional(),
  width: z.number().int().nonnegative().optional(),
  height: z.number().int().nonnegative().optional(),
  time_base: z.string().optional(),
  avg_frame_rate: z.string().optional(),
  duration: seconds,
  disposition: z.object({ attached_pic: z.number().optional() }).optional(),
  side_data_list: z
    .array(z.object({ rotation: z.number().optional().catch(undefined) }))
    .optional(),
});

const answer = z.object({
  streams: z.array(stream).default([]),
  format: z.object({
    format_name: z.string(),
    duration: seconds,
    start_time: seconds,
  }),
});

const answerMaxChars = 4 * 1024 * 1024;
const timeLimitMs = 60_000;

/**
 * @throws PermanentError `ffprobe-failed` when it is no media file that we read, or a
 *   broken one; `probe-unreadable` when the answer makes no sense
 */
export async function probeMedia(
  tools: MediaTools,
  path: string,
  signal: AbortSignal,
): Promise<MediaProbe> {
  let text = '';
  const complaints = await runFfprobe(
    tools,
    path,
    ['-of', 'json', '-show_format', '-show_streams'],
    (line) => {
      if (text.length < answerMaxChars) text += `${line}\n`;
    },
    { timeLimitMs, signal },
  );
  return { ...readAnswer(text), complaints };
}

function readAnswer(text: string): Omit<MediaProbe, 'complaints'> {
  const parsed = answer.safeParse(jsonOf(text));
  if (!parsed.success) {
    throw new PermanentError('probe-unreadable', `ffprobe's answer: ${parsed.error.message}`);
  }
  const { streams, format } = parsed.data;
  const videos = streams.filter(isMovingPicture);
  const largest = videos.toSorted((a, b) => area(b) - area(a))[0];
  const audio = streams.find(({ codec_type }) => codec_type === 'audio');
  const duration = format.duration ?? largest?.duration ?? audio?.duration;
  return {
    container: format.format_name,
    durationMs: duration === undefined ? null : Math.round(Number(duration) * 1000),
    startTime: format.start_time ?? null,
    video: largest === undefined ? null : videoStream(largest),
    audio: audio === undefined ? null : { index: audio.index, codec: audio.codec_name ?? null },
    streams: streams.map(({ index, codec_type, codec_name }) => ({
      index,
      kind: codec_type,
      codec: codec_name ?? null,
    })),
  };
}

type Stream = z.infer<typeof stream>;

function isMovingPicture({ codec_type, width, height, disposition }: Stream): boolean {
  if (codec_type !== 'video' || disposition?.attached_pic === 1) return false;
  return (width ?? 0) > 0 && (height ?? 0) > 0;
}

function area({ width = 0, height = 0 }: Stream): number {
  return width * height;
}

function videoStream(found: Stream): VideoStream {
  const rotation = found.side_data_list?.find((side) => side.rotation !== undefined)?.rotation ?? 0;
  const lying = Math.abs(rotation) % 180 === 90;
  const { width = 0, height = 0 } = found;
  return {
    index: found.index,
    codec: found.codec_name ?? null,
    width: lying ? height : width,
    height: lying ? width : height,
    rotation,
    timeBase: found.time_base ?? '1/1',
    framesPerSecond: ratio(found.avg_frame_rate),
  };
}

function ratio(text: string | undefined): number | null {
  const [over, under] = (text ?? '').split('/').map(Number);
  if (!over || !under) return null;
  return over / under;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
