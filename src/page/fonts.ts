/** Which fonts the machine offers: what a picture of a page looks like depends on them. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { toolEnvironment } from '../config.ts';

export interface FontFacts {
  count: number;
  /** Of the sorted names, one a line. */
  sha256: string;
  /** The first of them. */
  families: string[];
}

const mostNamed = 40;
let known: Promise<FontFacts | null> | null = null;

/** Asked once a process; null where fontconfig's `fc-list` isn't there. */
export function fontFamilies(): Promise<FontFacts | null> {
  known ??= listed().catch(() => null);
  return known;
}

async function listed(): Promise<FontFacts> {
  const { stdout } = await promisify(execFile)('fc-list', [':', 'family'], {
    timeout: 10_000,
    env: toolEnvironment(),
  });
  const families = [
    ...new Set(
      stdout
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    ),
  ].sort();
  const sha256 = createHash('sha256')
    .update(families.map((name) => `${name}\n`).join(''))
    .digest('hex');
  return { count: families.length, sha256, families: families.slice(0, mostNamed) };
}
