/** What a document says and shows: title, text and a picture of each page, read by poppler's tools. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError, UnreachableError } from '../../base/errors.ts';
import { isMissing, runConfined } from '../tools/confine.ts';

export interface DocumentFacts {
  /** As the document claims it. */
  title: string | null;
  pages: number | null;
}

/** Programs of poppler, see pdftotext(1). */
export const documentTools = ['pdfinfo', 'pdftotext', 'pdftoppm'] as const;
type Tool = (typeof documentTools)[number];

/** Longer documents are read this far. */
export const mostPagesPictured = 50;
const mostPagesRead = 2_000;
/** Of the longer side: small print of a page of A4 can be read. */
const longestSidePx = 1_600;
const longestText = 4_000_000;
const timeLimitMs = 120_000;

/** @throws PermanentError `not-decodable`; UnreachableError `tool-missing`; the signal's reason */
export async function documentFacts(path: string, signal: AbortSignal): Promise<DocumentFacts> {
  const lines: string[] = [];
  const onLine = (line: string) => {
    if (lines.length < 200) lines.push(line.slice(0, 2_000));
  };
  await run('pdfinfo', ['-enc', 'UTF-8', path], { path, onLine }, signal);
  const value = (name: string) => {
    const line = lines.find((one) => one.startsWith(`${name}:`));
    return line?.slice(name.length + 1).trim() || null;
  };
  const pages = Number(value('Pages'));
  return { title: value('Title'), pages: Number.isSafeInteger(pages) && pages > 0 ? pages : null };
}

/** In reading order, pages apart by form feeds. @throws as `documentFacts` */
export async function documentText(path: string, signal: AbortSignal): Promise<string> {
  let text = '';
  const onLine = (line: string) => {
    if (text.length < longestText) text += `${line}\n`;
  };
  const options = ['-enc', 'UTF-8', '-l', String(mostPagesRead), path, '-'];
  await run('pdftotext', options, { path, onLine }, signal);
  return text.slice(0, longestText).replaceAll('\0', '');
}

/** PNG files of the first pages, in order. @param folder empty, and only for this @throws as `documentFacts` */
export async function documentPages(
  path: string,
  folder: string,
  signal: AbortSignal,
): Promise<string[]> {
  const options = ['-png', '-l', String(mostPagesPictured), '-scale-to', String(longestSidePx)];
  const into = { path, folder, onLine: () => {} };
  await run('pdftoppm', [...options, path, join(folder, 'page')], into, signal);
  const names = (await readdir(folder)).filter((name) => /^page-\d+\.png$/.test(name));
  return names
    .toSorted((one, other) => numberOf(one) - numberOf(other))
    .map((name) => join(folder, name));
}

function numberOf(name: string): number {
  return Number(/\d+/.exec(name)?.[0]);
}

async function run(
  executable: Tool,
  options: string[],
  { path, ...rest }: { path: string; folder?: string; onLine: (line: string) => void },
  signal: AbortSignal,
): Promise<void> {
  const asked = { executable, options, inputs: [path], timeLimitMs, yielding: true, ...rest };
  const { broke, complaints } = await runConfined(asked, signal);
  if (broke === null) return;
  if (isMissing(broke))
    throw new UnreachableError('tool-missing', `can't run ${executable}: install poppler-utils`);
  throw new PermanentError('not-decodable', `${executable} ${broke}: ${complaints.at(-1) ?? ''}`);
}
