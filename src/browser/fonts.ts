/** Which fonts the machine offers: what a picture of a page looks like depends on them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { toolEnvironment } from '../config/config.ts';

let known: Promise<string[]> | null = null;

/** Names of the font families, sorted; asked once a process. Empty where fontconfig's `fc-list` isn't there. */
export function fontFamilies(): Promise<string[]> {
  known ??= listed().catch(() => []);
  return known;
}

async function listed(): Promise<string[]> {
  const options = { timeout: 10_000, env: toolEnvironment() };
  const { stdout } = await promisify(execFile)('fc-list', [':', 'family'], options);
  const names = stdout.split('\n').map((line) => line.split(',')[0]?.trim() ?? '');
  return [...new Set(names.filter(Boolean))].sort();
}
