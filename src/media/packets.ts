/** The time stamps of a stream, read without decoding: true even where the header's length is not. */
import { type MediaTools, runFfprobe } from './ffmpeg.ts';
import { ptsToMs } from './frame-choice.ts';
import type { MediaProbe, VideoStream } from './probe.ts';

export interface PacketScan {
  packets: number;
  /** The last few frames start here; `0` where the file has no frames. */
  lastFramesFrom: bigint;
  lengthMs(timeBase: string): number | null;
}

/** Frames are stored out of order, and the very last may not decode. */
const lastFrames = 16;
const timeLimitMs = 10 * 60_000;

/** @throws as `runFfprobe` */
export async function scanPackets(
  tools: MediaTools,
  path: string,
  streamIndex: number,
  signal: AbortSignal,
): Promise<PacketScan> {
  const options = ['-select_streams', String(streamIndex), '-show_entries', 'packet=pts,dts'];
  const latest: bigint[] = [];
  let packets = 0;
  let earliest: bigint | null = null;
  const onLine = (line: string) => {
    packets += 1;
    const time = timeOf(line);
    if (time === null) return;
    if (earliest === null || time < earliest) earliest = time;
    noteLatest(latest, time);
  };
  await runFfprobe(tools, path, [...options, '-of', 'csv=p=0'], onLine, { timeLimitMs, signal });
  return {
    packets,
    lastFramesFrom: latest[0] ?? 0n,
    lengthMs(timeBase) {
      const last = latest.at(-1);
      return last === undefined || earliest === null ? null : ptsToMs(last - earliest, timeBase);
    },
  };
}

/** By its time stamps; what the header says only where there are none. `null`: nobody knows. */
export function trueLengthMs(
  scan: PacketScan,
  { durationMs }: MediaProbe,
  { timeBase }: VideoStream,
): number | null {
  return scan.lengthMs(timeBase) ?? durationMs;
}

/** `pts,dts`; AVI knows only the second. */
function timeOf(line: string): bigint | null {
  const stamp = line.split(',').find((part) => /^-?\d+$/.test(part));
  return stamp === undefined ? null : BigInt(stamp);
}

/** Keeps the largest few, in order. */
function noteLatest(latest: bigint[], time: bigint): void {
  const least = latest[0];
  if (latest.length >= lastFrames && least !== undefined && time <= least) return;
  const after = latest.findIndex((other) => other > time);
  latest.splice(after === -1 ? latest.length : after, 0, time);
  if (latest.length > lastFrames) latest.shift();
}
