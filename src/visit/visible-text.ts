/** The text that a reader of the page sees, embedded frames included. */
import type { Frame, Page } from 'playwright';
import { within } from '../base/time-limit.ts';

const longestText = 4_000_000;
const mostFrames = 60;

/** Each frame's text after the page's own, headed by the frame's address. */
export async function visibleText(page: Page, signal: AbortSignal): Promise<string> {
  const parts = [await textOf(page.mainFrame(), 20_000)];
  const inner = page.frames().filter((frame) => frame !== page.mainFrame());
  for (const frame of inner.slice(0, mostFrames)) {
    // A frame that left, or that has no body, has nothing to say.
    const text = await within(2_000, signal, textOf(frame, 2_000)).catch(() => '');
    if (text.trim() !== '') parts.push(`[frame ${frame.url().slice(0, 500)}]\n${text}`);
  }
  return withoutNul(parts.join('\n\n').slice(0, longestText));
}

function textOf(frame: Frame, timeout: number): Promise<string> {
  return frame.innerText('body', { timeout });
}

/** PostgreSQL keeps no NUL in text, and no reader sees one. */
export function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}
