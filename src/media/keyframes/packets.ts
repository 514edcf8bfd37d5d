/** The time stamps of a stream, read without decoding: true even where the header's length is not. */
import { type MediaTools, runFfprobe } from '../tools/ffmpeg.ts';
import type { MediaProbe, VideoStream } from '../tools/probe.ts';
import { ptsToMs } from './frame-filters.ts';

export interface PacketScan {
  packets: number;
  /** The last `most` frames start here; `0` where the file has no frames. */
  lastFramesFrom(most: number): bigint;
  lengthMs(timeBase: string): number | null;
}

export interface PacketScanning extends AsyncDisposable {
  /** When the whole file was read. @throws as `runFfprobe` */
  of(streamIndex: number): Promise<PacketScan>;
}

/** Frames are stored out of order, and the very last may not decode. */
export const mostLastFrames = 16;
const timeLimitMs = 10 * 60_000;

/**
 * Begun before it is known which stream matters, beside the probe: both mostly wait for
 * their programs to be loaded. Whoever leaves early ends the tool.
 */
export function beginPacketScan(
  tools: MediaTools,
  path: string,
  signal: AbortSignal,
): PacketScanning {
  const left = new AbortController();
  const streams = new Map<string, ScannedStream>();
  const scanning = runFfprobe(
    tools,
    path,
    ['-select_streams', 'v', '-show_entries', 'packet=stream_index,pts,dts', '-of', 'csv=p=0'],
    (line) => noteLine(streams, line),
    { timeLimitMs, yielding: true, signal: AbortSignal.any([signal, left.signal]) },
  );
  const over = scanning.then(
    () => {},
    () => {},
  );
  return {
    async of(streamIndex) {
      await scanning;
      return packetScan(streams.get(String(streamIndex)) ?? newStream());
    },
    async [Symbol.asyncDispose]() {
      left.abort();
      await over;
    },
  };
}

interface ScannedStream {
  packets: number;
  earliest: bigint | null;
  /** The largest few time stamps, in order. */
  latest: bigint[];
}

function newStream(): ScannedStream {
  return { packets: 0, earliest: null, latest: [] };
}

function packetScan({ packets, earliest, latest }: ScannedStream): PacketScan {
  return {
    packets,
    lastFramesFrom: (most) => latest.slice(-most)[0] ?? 0n,
    lengthMs(timeBase) {
      const last = latest.at(-1);
      return last === undefined || earliest === null ? null : ptsToMs(last - earliest, timeBase);
    },
  };
}

/** `stream,pts,dts`; AVI knows only the last. */
function noteLine(streams: Map<string, ScannedStream>, line: string): void {
  const [index = '', ...times] = line.split(',');
  const stream = streams.get(index) ?? newStream();
  streams.set(index, stream);
  stream.packets += 1;
  const stamp = times.find((part) => /^-?\d+$/.test(part));
  if (stamp === undefined) return;
  const time = BigInt(stamp);
  if (stream.earliest === null || time < stream.earliest) stream.earliest = time;
  noteLatest(stream.latest, time);
}

/** By its time stamps; what the header says only where there are none. `null`: nobody knows. */
export function trueLengthMs(
  scan: PacketScan,
  { durationMs }: MediaProbe,
  { timeBase }: VideoStream,
): number | null {
  return scan.lengthMs(timeBase) ?? durationMs;
}

/** Keeps the largest few, in order. */
function noteLatest(latest: bigint[], time: bigint): void {
  const least = latest[0];
  if (latest.length >= mostLastFrames && least !== undefined && time <= least) return;
  const after = latest.findIndex((other) => other > time);
  latest.splice(after === -1 ? latest.length : after, 0, time);
  if (latest.length > mostLastFrames) latest.shift();
}
