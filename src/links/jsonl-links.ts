import type { FoundLink } from './found-link.ts';
import { identifyLink } from './identify-link.ts';
import { rowLinks } from './row-fields.ts';

/**
 * Links of JSON lines: an object with `link` or `url` (and `case`, `tags`, `note`), or just a
 * string. A line that is neither, or holds no link, is reported as rejected.
 */
export function jsonlLinks(text: string): FoundLink[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .flatMap(lineLinks);
}

function lineLinks(line: string): FoundLink[] {
  const value = parsedJson(line);
  if (typeof value === 'string') return [identifyLink(value)];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const row = new Map(
      Object.entries(value).map(([name, field]) => [name.toLowerCase(), field as unknown]),
    );
    const found = rowLinks(row, plainSpelling(value, line));
    if (found.length > 0) return found;
  }
  return [{ link: line, rejected: 'not-a-link' }];
}

/** Without escapes that JSON can do without; the line itself where it is nested too deep to be written. */
function plainSpelling(value: object, line: string): string {
  try {
    return JSON.stringify(value);
  } catch {
    return line;
  }
}

/** `undefined`: not JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
