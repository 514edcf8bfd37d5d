/** What a person hands to `links`, `add` and `archive`: a link, a file or standard input. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { errno } from '../../base/disk.ts';
import { NotFoundError, UsageError } from '../../base/errors.ts';
import { forTerminal } from '../../base/for-terminal.ts';
import { plural } from '../../base/plural.ts';
import { readable } from '../../base/report-failure.ts';
import { type ChosenLinks, chooseLinks } from '../../links/choose-links.ts';
import { decodeText } from '../../links/decode-text.ts';
import type { FoundLink } from '../../links/found-link.ts';
import type { PlacedLink } from '../../links/placed-link.ts';
import { readPlacedLinks, type TextFormat, unplaceableLinks } from '../../links/read-links.ts';
import type { Action } from '../../model/actions.ts';
import type { FollowChoice } from '../../model/submission.ts';
import { readActions } from '../../pipeline/requests/actions.ts';

const maxBytes = 64 * 1024 * 1024;

/** One thing that was handed over, as a text. */
interface InputText {
  text: string;
  format: TextFormat | undefined;
  /** Null: it is no file but stands in the command. */
  file: string | null;
}

/** Every link of the inputs, and where it stands. */
export async function linksIn(
  inputs: string[],
  format: TextFormat | undefined,
): Promise<PlacedLink[]> {
  const found: PlacedLink[] = [];
  for (const input of inputs) {
    const { text, format: known, file } = await textIn(input, format);
    sayUnplaceable(text, known);
    const links = readPlacedLinks(text, known);
    if (file === null && links.length === 0) found.push(noLink(input));
    for (const link of links) found.push(link);
  }
  return found;
}

/** Those of them that are followed. */
export async function chosenIn(
  inputs: string[],
  format: TextFormat | undefined,
  choice: FollowChoice,
): Promise<ChosenLinks> {
  const chosen: ChosenLinks = { followed: [], aside: [] };
  for (const input of inputs) {
    const { text, format: known, file } = await textIn(input, format);
    sayUnplaceable(text, known);
    const { followed, aside } = chooseLinks(text, choice, known);
    const isNothing = file === null && followed.length + aside.length === 0;
    if (isNothing) chosen.followed.push(noLink(input).found);
    for (const link of followed) chosen.followed.push(link);
    for (const link of aside) chosen.aside.push(link);
  }
  sayLeftOff(chosen.followed);
  return chosen;
}

function sayUnplaceable(text: string, format: TextFormat | undefined): void {
  const count = unplaceableLinks(text, format);
  if (count === 0) return;
  const links = plural(count, 'relative link');
  console.error(`${links} can't be followed: the page doesn't say its own address`);
}

/** What was taken for text behind a link: whoever pasted it must be able to object. */
export function sayLeftOff(links: FoundLink[]): void {
  for (const found of links) {
    if (!('key' in found)) continue;
    const { link, key, facts } = found;
    if (facts.leftOff === undefined) continue;
    console.error(
      `note: ${readable(link)}: taken as ${key}, without "${forTerminal(facts.leftOff)}" right behind its id`,
    );
  }
}

/** A list of actions. @throws NotFoundError `no-such-file`; UsageError `bad-steps` */
export async function stepsIn(file: string): Promise<Action[]> {
  if (!existsSync(file))
    throw new NotFoundError('no-such-file', `there is no file ${file} with steps`);
  if (statSync(file).isDirectory())
    throw new UsageError('is-a-folder', `${file} is a folder: name the file in it`);
  return readActions(file, await textOf(createReadStream(file), file));
}

async function textIn(input: string, format: TextFormat | undefined): Promise<InputText> {
  if (input === '-') {
    if (process.stdin.isTTY) console.error('paste the text, then press Ctrl-D on a new line');
    return { text: await textOf(process.stdin, 'standard input'), format, file: input };
  }
  if (!existsSync(input)) {
    if (looksLikePath(input))
      throw new NotFoundError(
        'no-such-file',
        `there is no file ${input}: name one, a link, or - for standard input`,
      );
    return { text: input, format: format ?? 'text', file: null };
  }
  if (statSync(input).isDirectory())
    throw new UsageError('is-a-folder', `${input} is a folder: name the files in it`);
  const text = await textOf(createReadStream(input), input);
  return { text, format: format ?? formatByName(input), file: input };
}

/** An argument with nothing to capture in it is a rejected submission. */
function noLink(input: string): PlacedLink {
  return { found: { link: input, rejected: 'not-a-link' }, place: 'body' };
}

function looksLikePath(input: string): boolean {
  return (
    /^(\.{0,2}\/)/.test(input) ||
    (/\.(txt|html?|csv|tsv|jsonl|ndjson|md)$/i.test(input) && !/^https?:/i.test(input))
  );
}

function formatByName(path: string): TextFormat | undefined {
  const byEnding: Record<string, TextFormat> = {
    '.html': 'html',
    '.htm': 'html',
    '.csv': 'csv',
    '.jsonl': 'jsonl',
    '.ndjson': 'jsonl',
  };
  return byEnding[extname(path).toLowerCase()];
}

async function textOf(stream: AsyncIterable<Buffer>, name: string): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of stream) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes)
        throw new UsageError('too-large', `${name} is over 64 MiB: hand it over in pieces`);
      chunks.push(chunk);
    }
  } catch (error) {
    const code = errno(error);
    if (code === undefined || error instanceof UsageError) throw error;
    throw new UsageError('unreadable', `${name} can't be read (${code})`);
  }
  const text = decodeText(Buffer.concat(chunks));
  if (text !== null) return text;
  throw new UsageError(
    'unknown-encoding',
    `${name} is neither UTF-8 nor UTF-16 and names no other encoding: save it as UTF-8`,
  );
}
