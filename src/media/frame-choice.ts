/**
 * Which frames of a video become keyframes: the rule, the ffmpeg filters that carry it out
 * in one decode, and how to read what they wrote down. The filters print each frame's pts
 * as an integer: the seconds they print too are cut to six digits.
 */

export interface FrameRule {
  /** A frame is a shot change above this ffmpeg scene score (0–1). */
  sceneThreshold: number;
  /** At least one frame every so many seconds. */
  floorSeconds: number;
  /** No more shot changes than this in one minute of the video. */
  perMinute: number;
}

/** However long the video: no more keyframes than this. */
export const maxKeyframes = 2000;

export const files = {
  candidates: 'candidates.txt',
  kept: 'kept.txt',
  thumbnails: 'thumbnails.txt',
  last: 'last.txt',
  keptPictures: 'kept-%05d.jpg',
  thumbnailPictures: 'thumbnail-%05d.jpg',
  lastPicture: 'last.jpg',
} as const;

export function ruleInWords(rule: FrameRule): string {
  const { sceneThreshold, floorSeconds, perMinute } = rule;
  return (
    `the first frame, every frame with a scene score above ${sceneThreshold}, one frame at least ` +
    `every ${floorSeconds} s, the last frame; after ${perMinute} frames within a minute only the ` +
    `${floorSeconds} s frames; never more than ${maxKeyframes}`
  );
}

/**
 * One decode, three uses: keyframes, thumbnails, and the last frame (the last few are all
 * written over each other, since which one is last is only known at the end).
 */
export function filterGraph(
  streamIndex: number,
  rule: FrameRule,
  thumbnail: { everySeconds: number; maxSidePx: number },
  lastFramesFromPts: bigint,
): string {
  const side = thumbnail.maxSidePx;
  const mark = 'metadata=mode=add:key=holdfast:value=1';
  return [
    `[0:${streamIndex}]split=3[shots][thumbnails][end]`,
    `[shots]select='${candidate(rule)}',${print(files.candidates)},` +
      `select='${withinCap(rule)}',${print(files.kept)}[kept]`,
    `[thumbnails]select='${everySeconds(thumbnail.everySeconds)}',${mark},` +
      `${print(files.thumbnails)},` +
      `scale=w=${side}:h=${side}:force_original_aspect_ratio=decrease:flags=area[small]`,
    `[end]select='gte(pts,${lastFramesFromPts})',${mark},${print(files.last)}[last]`,
  ].join(';');
}

function candidate({ sceneThreshold, floorSeconds }: FrameRule): string {
  return `isnan(prev_selected_t)+gt(scene,${sceneThreshold})+gte(t-prev_selected_t,${floorSeconds})`;
}

/**
 * Variables of the expression: 0 counts frames kept in this minute, 1 is the minute, 2 the
 * verdict. They keep their values from frame to frame.
 */
function withinCap({ floorSeconds, perMinute }: FrameRule): string {
  const minute = 'floor((t-start_t)/60)';
  const verdict = `isnan(prev_selected_t)+gte(t-prev_selected_t,${floorSeconds})+lt(ld(0),${perMinute})`;
  return (
    `if(gt(${minute},ld(1)),0*st(1,${minute})+0*st(0,0));` +
    `st(2,lt(selected_n,${maxKeyframes})*(${verdict}));` +
    `st(0,ld(0)+gt(ld(2),0));ld(2)`
  );
}

function everySeconds(seconds: number): string {
  const slot = (time: string) => `floor((${time}-start_t)/${seconds})`;
  return `isnan(prev_selected_t)+gt(${slot('t')},${slot('prev_selected_t')})`;
}

function print(file: string): string {
  return `metadata=mode=print:file=${file}`;
}

export interface PrintedFrame {
  /** In units of the stream's time base; the container's own clock. */
  pts: bigint;
  sceneScore: number | null;
}

/** Reads what `metadata=print` wrote: a line a frame, then its metadata. */
export function readPrinted(text: string): PrintedFrame[] {
  const frames: PrintedFrame[] = [];
  for (const line of text.split('\n')) {
    const [, pts] = /^frame:\d+\s+pts:(-?\d+)\s/.exec(line) ?? [];
    if (pts !== undefined) frames.push({ pts: BigInt(pts), sceneScore: null });
    const [, score] = /^lavfi\.scene_score=([\d.]+)$/.exec(line) ?? [];
    const current = frames.at(-1);
    if (score !== undefined && current !== undefined) current.sceneScore = Number(score);
  }
  return frames;
}

/** Milliseconds, rounded; exact before rounding. `timeBase` as `1/15360`. */
export function ptsToMs(pts: bigint, timeBase: string): number {
  const [over = '1', under = '1'] = timeBase.split('/');
  const micros = (pts * BigInt(over) * 1_000_000n) / BigInt(under);
  return Math.round(Number(micros) / 1000);
}
