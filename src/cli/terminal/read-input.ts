/** What a person hands to `links`, `add` and `archive`: a link, a file or standard input. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { errno } from '../../base/disk.ts';
import { NotFoundError, UsageError } from '../../base/errors.ts';
import { decodeText } from '../../links/decode-text.ts';
import { type FoundLink, readLinks, type TextFormat } from '../../links/read-links.ts';

const maxBytes = 64 * 1024 * 1024;

export async function linksIn(
  inputs: string[],
  format: TextFormat | undefined,
): Promise<FoundLink[]> {
  const found: FoundLink[] = [];
  for (const input of inputs) found.push(...(await linksInOne(input, format)));
  return found;
}

async function linksInOne(input: string, format: TextFormat | undefined): Promise<FoundLink[]> {
  if (input === '-') return readLinks(await textOf(process.stdin, 'standard input'), format);
  if (!existsSync(input)) {
    if (looksLikePath(input))
      throw new NotFoundError(
        'no-such-file',
        `there is no file ${input}: name one, a link, or - for standard input`,
      );
    return argument(input, format);
  }
  if (statSync(input).isDirectory())
    throw new UsageError('is-a-folder', `${input} is a folder: name the files in it`);
  return readLinks(await textOf(createReadStream(input), input), format ?? formatByName(input));
}

/** A link or a pasted sentence. An argument with nothing to capture in it is a rejected submission. */
function argument(input: string, format: TextFormat | undefined): FoundLink[] {
  const found = readLinks(input, format ?? 'text');
  return found.length > 0 ? found : [{ link: input, rejected: 'not-a-link' }];
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
