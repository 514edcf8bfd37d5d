/**
 * Bars around a video or picture (letterbox, a frame in one colour). Looked for in all
 * frames of a video together: judged frame by frame, a dark scene would lose its edges.
 */
import { type Grey, type Part, whole } from './views.ts';

/** A line this even, with this mean in every frame, belongs to a bar. */
const evenWithin = 24;
const steadyWithin = 12;
/** What would leave less than this of a side is no bar but a dull picture. */
const leastLeft = 0.3;

/** What lies between the bars; the whole where there are none. Frames of one size. */
export function insideBars(frames: Grey[]): Part {
  const [first] = frames;
  if (first === undefined) return whole;
  const { width, height } = first;
  const rows = span(height, (row) => isBar(frames, row * width, 1, width));
  const columns = span(width, (column) => isBar(frames, column, width, height));
  return {
    left: columns.start / width,
    top: rows.start / height,
    width: columns.length / width,
    height: rows.length / height,
  };
}

function span(length: number, isBarAt: (line: number) => boolean) {
  let start = 0;
  while (start < length && isBarAt(start)) start += 1;
  let end = length;
  while (end > start && isBarAt(end - 1)) end -= 1;
  return end - start < length * leastLeft ? { start: 0, length } : { start, length: end - start };
}

function isBar(frames: Grey[], start: number, step: number, count: number): boolean {
  let steady: number | null = null;
  for (const { luma } of frames) {
    let [least, most, sum] = [255, 0, 0];
    for (let i = 0, at = start; i < count; i++, at += step) {
      const value = luma[at] as number;
      if (value < least) least = value;
      if (value > most) most = value;
      sum += value;
    }
    if (most - least > evenWithin) return false;
    steady ??= sum / count;
    if (Math.abs(sum / count - steady) > steadyWithin) return false;
  }
  return true;
}
