/** Which of the decoded frames become keyframes and why, and what is to be said of the rest. */
import type { MediaNote } from '../../base/reasons.ts';
import type { DecodedFrames, FrameFile } from './decode-frames.ts';
import { type FrameRule, ptsToMs, ruleInWords } from './frame-filters.ts';
import { cutsAmong, flashesAmong } from './frame-samples.ts';

export interface ChosenFrame extends FrameFile {
  /** `format-change`: from here on the picture has another size or another pixel format. */
  why: 'first' | 'shot' | 'floor' | 'format-change' | 'last';
}

/** In order; without those that the cap leaves out. */
export async function chosenFrames(
  decoded: DecodedFrames,
  rule: FrameRule,
  timeBase: string,
): Promise<ChosenFrame[]> {
  const { kept, doubtful, samples, last } = decoded;
  const chosen = kept.map((frame, index) => ({ ...frame, why: whyKept(frame, index, rule) }));
  // They will be left out: what shows nothing of its own takes no place of what does.
  const shots = chosen.filter(({ why }) => why === 'shot');
  const flashes = await flashesAmong(shots, samples, timeBase);
  const taken = { taking: (frame: ChosenFrame) => !flashes.has(frame), timeBase, ...rule };
  const cuts = await cutsAmong(doubtful, samples, timeBase);
  for (const cut of cuts) insertWithinCap(chosen, { ...cut, why: 'shot' }, taken);
  const before = chosen.at(-1);
  if (last === null || before === undefined || last.pts <= before.pts) return chosen;
  return [...chosen, { ...last, why: 'last' }];
}

function insertWithinCap(
  chosen: ChosenFrame[],
  cut: ChosenFrame,
  cap: { perMinute: number; taking: (frame: ChosenFrame) => boolean; timeBase: string },
): void {
  const { perMinute, taking, timeBase } = cap;
  const startMs = ptsToMs(chosen[0]?.pts ?? 0n, timeBase);
  const minute = ({ pts }: FrameFile) => Math.floor((ptsToMs(pts, timeBase) - startMs) / 60_000);
  const inThisMinute = chosen.filter(
    (frame) => minute(frame) === minute(cut) && taking(frame),
  ).length;
  if (inThisMinute >= perMinute) return;
  const after = chosen.findIndex(({ pts }) => pts > cut.pts);
  chosen.splice(after === -1 ? chosen.length : after, 0, cut);
}

function whyKept(frame: FrameFile, index: number, rule: FrameRule): ChosenFrame['why'] {
  if (index === 0) return 'first';
  if (frame.number === 0) return 'format-change';
  return (frame.sceneScore ?? 0) > rule.sceneThreshold ? 'shot' : 'floor';
}

/** Codes with words, for the result. */
export function notesOn(
  { kept, last, candidates, complaints }: DecodedFrames,
  rule: FrameRule,
): MediaNote[] {
  const notes: MediaNote[] = [];
  const left = candidates - kept.length;
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
