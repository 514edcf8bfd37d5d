/** Where an open capture stands: how much of it is done, and why it is not further. */
import { meaningOf } from '../../base/reasons.ts';
import type { OpenCapture } from '../../catalog/open-captures.ts';
import type { Words } from '../words/words.ts';

/** Steps of an ordinary capture; a progress bar needs no more than that. */
const usualSteps = 4;

/** 0 to 1. A download counts by its bytes. */
export function shareDone({ ended, progress }: OpenCapture): number {
  const [running] = progress.filter(({ totalBytes }) => totalBytes !== null && totalBytes > 0);
  const part = running === undefined ? 0 : (running.doneBytes ?? 0) / (running.totalBytes ?? 1);
  return Math.min((ended.length + Math.min(part, 1)) / usualSteps, 0.99);
}

/** In which step it is, or what it waits for. */
export function standing(
  { round, ended, progress, retryReason }: OpenCapture,
  words: Words,
): string {
  const { queue } = words;
  if (round === 0) return queue.waitsForTurn;
  const [running] = progress;
  if (running !== undefined) return queue.running(words.steps[running.step] ?? running.step);
  if (retryReason !== null)
    return queue.waitsForRetry(words.signals[retryReason] ?? meaningOf(retryReason) ?? retryReason);
  const last = ended.at(-1);
  return last === undefined ? queue.begins : queue.after(words.steps[last] ?? last);
}

export function howMany({ queue }: Words, unfinished: number, deriving: number): string {
  return `${queue.unfinished(unfinished)} ${queue.deriving(deriving)}`.trim();
}
