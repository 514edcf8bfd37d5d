/** Which of the decoded frames become keyframes and why, and what is to be said of the rest. */
import type { MediaNote } from '../../base/reasons.ts';
import type { DecodedFrames, FrameFile } from './decode-frames.ts';
import { type FrameRule, ptsToMs, ruleInWords } from './frame-filters.ts';
import { cutsAmong } from './frame-samples.ts';

export interface ChosenFrame extends FrameFile {
  /** `format-change`: from here on the picture has another size or another pixel format. */
  why: 'first' | 'shot' | 'floor' | 'format-change' | 'last';
}

/** In order, the cap not yet counted: what shows nothing of its own must not take the place of what does. */
export async function chosenFrames(
  decoded: DecodedFrames,
  rule: FrameRule,
  timeBase: string,
): Promise<ChosenFrame[]> {
  const { kept, doubtful, samples, last } = decoded;
  const chosen: ChosenFrame[] = kept.map((frame, index) => ({
    ...frame,
    why: whyKept(frame, index, rule),
  }));
  const cuts = await cutsAmong(doubtful, samples, timeBase);
  for (const cut of cuts) insertInOrder(chosen, { ...cut, why: 'shot' });
  const before = chosen.at(-1);
  if (last === null || before === undefined || last.pts <= before.pts) return chosen;
  return [...chosen, { ...last, why: 'last' }];
}

function insertInOrder(chosen: ChosenFrame[], cut: ChosenFrame): void {
  const after = chosen.findIndex(({ pts }) => pts > cut.pts);
  chosen.splice(after === -1 ? chosen.length : after, 0, cut);
}

/** The frames of a minute beyond the cap go, except those that the floor and the end ask for. */
export function withinCap(
  frames: ChosenFrame[],
  { perMinute }: FrameRule,
  timeBase: string,
): ChosenFrame[] {
  const startMs = ptsToMs(frames[0]?.pts ?? 0n, timeBase);
  const minuteOf = ({ pts }: FrameFile) => Math.floor((ptsToMs(pts, timeBase) - startMs) / 60_000);
  const inMinute = new Map<number, number>();
  return frames.filter((frame) => {
    const minute = minuteOf(frame);
    const count = (inMinute.get(minute) ?? 0) + 1;
    inMinute.set(minute, count);
    return count <= perMinute || frame.why === 'floor' || frame.why === 'last';
  });
}

function whyKept(frame: FrameFile, index: number, rule: FrameRule): ChosenFrame['why'] {
  if (index === 0) return 'first';
  if (frame.number === 0) return 'format-change';
  return (frame.sceneScore ?? 0) > rule.sceneThreshold ? 'shot' : 'floor';
}

/**
 * Codes with words, for the result.
 * @param capped frames that were decoded and then left out by the cap
 */
export function notesOn(
  { kept, last, candidates, complaints }: DecodedFrames,
  rule: FrameRule,
  capped: number,
): MediaNote[] {
  const notes: MediaNote[] = [];
  const left = Math.max(0, candidates - kept.length) + capped;
  if (left > 0)
    notes.push(`capped: ${left} of ${candidates} frames not kept; the rule: ${ruleInWords(rule)}`);
  if (kept.slice(1).some(({ number }) => number === 0)) {
    notes.push(
      'format-changes: the picture changes within the video; all frames have the size of the first',
    );
  }
  if (last === null) notes.push('last-frame-not-decoded: the end of the file does not decode');
  return [...notes, ...complaintNotes(complaints)];
}

export function complaintNotes(complaints: string[]): MediaNote[] {
  if (complaints.length === 0) return [];
  return [`decode-errors: ${complaints.slice(-5).join(' | ')}`];
}
