/**
 * Which frames of a video become keyframes: the rule, the ffmpeg filters that carry it out
 * in one decode, and how to read what they wrote down. The filters print each frame's pts
 * as an integer: the seconds they print too are cut to six digits.
 */
import type { HashedFrames } from './hash-rule.ts';

export interface FrameRule {
  /** A frame is a shot change above this ffmpeg scene score (0–1). */
  sceneThreshold: number;
  /** At least one frame every so many seconds. */
  floorSeconds: number;
  /** No more shots that show something of their own than this in one minute of the video. */
  perMinute: number;
}

/** However long the video: no more keyframes than this. */
export const maxKeyframes = 2000;

export const files = {
  /** A line for each frame that the rule names, whether the cap left it in or not. */
  candidates: 'candidates.txt',
  keptPictures: 'kept-%05d.jpg',
  doubtfulPictures: 'doubtful-%05d.jpg',
  thumbnailPictures: 'thumbnail-%05d.jpg',
  lastPicture: 'last.jpg',
  /** 64 by 64 grey values a frame. */
  hashFrames: 'hash.raw',
  /** A few sampled colours of every frame. */
  samples: 'samples.raw',
  soundPrint: 'sound.raw',
} as const;

export const hashFrameSide = 64;
/** So few sampled pixels cost next to nothing, and tell whether a picture has come back. */
export const sampleSide = 12;

/** What is decoded for each frame that the cap allows: black ones, flashes and repeats are dropped before it counts. */
const decodedForEach = 2;

/** A cut between two shots of like colours, or in a shaking one, scores no more than this. */
const doubtfulAbove = 0.1;

export function ruleInWords(rule: FrameRule): string {
  const { sceneThreshold, floorSeconds, perMinute } = rule;
  return (
    `the first frame, every frame with a scene score above ${sceneThreshold} (above ` +
    `${doubtfulAbove} where its colours change far more than those around it), one frame at least ` +
    `every ${floorSeconds} s, the last frame; after ${perMinute} frames with something of their ` +
    `own within a minute only the ${floorSeconds} s frames; never more than ${maxKeyframes}`
  );
}

export interface GraphRequest {
  streamIndex: number;
  rule: FrameRule;
  thumbnail: { everySeconds: number; width: number; height: number };
  lastFramesFromPts: bigint;
  hashed: HashedFrames;
}

/**
 * One decode, six uses: keyframes, doubtful cuts, thumbnails, the last frame (which one that
 * is, is only known at the end: the last few are held until then, and `reverse` gives the
 * latest first), frames to hash, and a sample of every frame.
 */
export function filterGraph(request: GraphRequest): string {
  const { streamIndex, rule, thumbnail, lastFramesFromPts, hashed } = request;
  const { width, height } = thumbnail;
  // Of all frames the times are printed once: with the samples.
  const toHash = hashed === 'second' ? `select='${everySeconds(1)}',${printed('hash')}` : spacedOut;
  return [
    `[0:${streamIndex}]split=5[shots][thumbnails][end][hashes][all]`,
    `[shots]select=n=2:e='${candidate(rule)}'[sure][unsure]`,
    `[sure]metadata=mode=print:file=${files.candidates},` +
      `select='${withinCap(rule)}',${printed('kept')}[kept]`,
    `[unsure]select='${fewAMinute(decodedForEach * rule.perMinute)}',${printed('doubtful')}[doubtful]`,
    `[thumbnails]select='${everySeconds(thumbnail.everySeconds)}',${printed('thumbnail')},` +
      `scale=w=${width}:h=${height}:force_original_aspect_ratio=decrease:flags=area[small]`,
    `[end]select='gte(pts,${lastFramesFromPts})',${printed('last')},` +
      "reverse,select='eq(n,0)'[last]",
    `[hashes]${toHash},scale=${hashFrameSide}:${hashFrameSide}:flags=area,format=gray[grey]`,
    `[all]${printed('sample')},` +
      `scale=${sampleSide}:${sampleSide}:flags=neighbor,format=rgb24[samples]`,
  ].join(';');
}

/** 1 for what the rule names, 2 for what may be a cut. Variable 0: when the last was named. */
function candidate({ sceneThreshold, floorSeconds }: FrameRule): string {
  const named = `eq(n,0)+gt(scene,${sceneThreshold})+gte(t-ld(0),${floorSeconds})`;
  return `if(${named},1+0*st(0,t),2*gt(scene,${doubtfulAbove}))`;
}

/** Variables: 0 counts frames in this minute, 1 is the minute. */
function fewAMinute(most: number): string {
  const minute = 'floor((t-start_t)/60)';
  return (
    `if(gt(${minute},ld(1)),0*st(1,${minute})+0*st(0,0));` +
    `st(0,ld(0)+1);lte(ld(0),${most})*lt(selected_n,${maxKeyframes})`
  );
}

/**
 * Variables of the expression: 0 counts frames kept in this minute, 1 is the minute, 2 the
 * verdict. They keep their values from frame to frame.
 */
function withinCap({ floorSeconds, perMinute }: FrameRule): string {
  const minute = 'floor((t-start_t)/60)';
  const verdict = `isnan(prev_selected_t)+gte(t-prev_selected_t,${floorSeconds})+lt(ld(0),${decodedForEach * perMinute})`;
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

export type Use = 'kept' | 'doubtful' | 'thumbnail' | 'last' | 'hash' | 'sample';

/** Time stamps that repeat or go back would end the encoder, and pictures have no use for them. */
const spacedOut = `setpts='if(isnan(PREV_OUTPTS),PTS,max(PTS,PREV_OUTPTS+1))'`;

/**
 * Prints a frame's time, and only then spaces the frames out. To stdout and not to a file:
 * where the size of the picture changes within a video, ffmpeg sets the filters up anew, and
 * they would begin their file anew. Each line by itself: filters print side by side.
 */
export function printed(use: Use): string {
  const print = `metadata=mode=print:direct=1:file='pipe\\:1'`;
  return `metadata=mode=add:key=holdfast:value=${use},${print},${spacedOut}`;
}

export interface PrintedFrame {
  use: Use;
  /** Counted from 0, anew each time the filters were set up anew. */
  number: number;
  /** In units of the stream's time base; the container's own clock. */
  pts: bigint;
  sceneScore: number | null;
}

/** Reads what `metadata=print` writes: a line a frame, then its metadata, its use the last. */
export function frameReader(onFrame: (frame: PrintedFrame) => void): (line: string) => void {
  let started: Omit<PrintedFrame, 'use'> | null = null;
  return (line) => {
    const [, number, pts] = /^frame:(\d+)\s+pts:(\S+)/.exec(line) ?? [];
    if (pts !== undefined) {
      const known = /^-?\d+$/.test(pts);
      started = known ? { number: Number(number), pts: BigInt(pts), sceneScore: null } : null;
      return;
    }
    if (started === null) return;
    const [, score] = /^lavfi\.scene_score=([\d.]+)$/.exec(line) ?? [];
    const [, use] = /^holdfast=(kept|doubtful|thumbnail|last|hash|sample)$/.exec(line) ?? [];
    if (score !== undefined) started.sceneScore = Number(score);
    else if (use !== undefined) {
      onFrame({ ...started, use: use as Use });
      started = null;
    }
  };
}

/** Milliseconds, rounded; exact before rounding. `timeBase` as `1/15360`. */
export function ptsToMs(pts: bigint, timeBase: string): number {
  const [over = '1', under = '1'] = timeBase.split('/');
  const micros = (pts * BigInt(over) * 1_000_000n) / BigInt(under);
  return Math.round(Number(micros) / 1000);
}
