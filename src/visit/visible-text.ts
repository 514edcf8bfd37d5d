/** The text that a reader of the page sees, embedded frames included. */
import type { FrameContent } from './read-frames.ts';

const longestText = 4_000_000;
const longestLine = 2_000;
const mostLookedFor = 500;

/** Each frame's text after the page's own, headed by the frame's address. */
export function visibleText(frames: FrameContent[]): string {
  const parts = frames.flatMap(({ isMain, url, text }) => {
    if (isMain) return [text];
    return text.trim() === '' ? [] : [`[frame ${url.slice(0, 500)}]\n${text}`];
  });
  return withoutNul(parts.join('\n\n').slice(0, longestText));
}

/** Lines that were seen before and are not in the text, in the order in which they were seen. */
export function missingLines(seen: string[], text: string): string[] {
  const kept = new Set(text.split('\n').map((line) => line.trim().slice(0, longestLine)));
  const missing = seen.map(withoutNul).filter((line) => !kept.has(line));
  // A line that has only grown since is there; where hundreds are missing, looking for each takes too long.
  return missing.length > mostLookedFor ? missing : missing.filter((line) => !text.includes(line));
}

/** PostgreSQL keeps no NUL in text, and no reader sees one. */
export function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}
