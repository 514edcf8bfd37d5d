/** When waiting for a body that is read whole must end: it takes too long, or there is no end of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenBrowser } from '../browser/browser.ts';

export interface ReadLimits {
  browser: OpenBrowser;
  timeoutMs: number;
  /** Nobody said how large the body is. */
  hasUnknownSize: boolean;
  signal: AbortSignal;
}

const MiB = 1024 * 1024;
const lookEveryMs = 50;
/**
 * A body that makes the browser grow by this is a decompression bomb, or as good as one. It holds
 * a body several times over while it hands it on: a page of 30 MiB, saved with its pictures in it,
 * is none.
 */
const mostGrowthBytes = 256 * MiB;
/** Node has no string of 512 MiB: the driver would end this process over a message of that size. */
const mostMessageBytes = 256 * MiB;

/** Null: the answer is there. */
export async function exceededLimit(
  answer: Promise<unknown>,
  { browser, timeoutMs, hasUnknownSize, signal }: ReadLimits,
): Promise<'slow' | 'too-large' | null> {
  const lateAtMs = performance.now() + timeoutMs;
  const before = hasUnknownSize ? await browser.residentBytes() : null;
  const isOver = settled(answer);
  while (!isOver() && !signal.aborted) {
    await sleep(Math.min(lookEveryMs, timeoutMs));
    if (isOver()) break;
    if (performance.now() >= lateAtMs) return 'slow';
    const now = before === null ? null : await browser.residentBytes();
    if (now !== null && before !== null && now - before > mostGrowthBytes) return 'too-large';
  }
  return null;
}

/**
 * Ends the browser where an answer floods this process, because nothing else stops a message that
 * is on its way: not even that its request was failed.
 */
export async function stopFlood(
  answer: Promise<unknown>,
  { browser, hasUnknownSize, signal }: ReadLimits,
): Promise<void> {
  const before = process.memoryUsage().arrayBuffers;
  const isOver = settled(answer);
  while (hasUnknownSize && !isOver() && !signal.aborted) {
    await sleep(lookEveryMs);
    if (process.memoryUsage().arrayBuffers - before > mostMessageBytes) return browser.end();
  }
}

function settled(answer: Promise<unknown>): () => boolean {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  answer.then(settle, settle);
  return () => isSettled;
}
