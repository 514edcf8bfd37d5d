/** Reads one WARC record after another, as ISO 28500 has them. */
import type { ByteReader } from './byte-reader.ts';
import type { CheckLimits } from './limits.ts';

export interface Field {
  name: string;
  value: string;
}

export interface RecordHead {
  /** `WARC/1.1`. */
  version: string;
  fields: Field[];
  /** What is wrong with the form of the header block. */
  faults: string[];
}

export class WarcError extends Error {
  override name = 'WarcError';
}

/** Null at the end of the file. @throws WarcError where no record begins */
export async function readHead(
  reader: ByteReader,
  limits: CheckLimits,
): Promise<RecordHead | null> {
  if (await reader.atEnd()) return null;
  const version = await reader.until('\r\n', 64).catch(() => null);
  if (version === null || !/^WARC\/\d+\.\d+\r\n$/.test(version.toString('latin1'))) {
    throw new WarcError('no record begins here: the line WARC/1.1 is missing');
  }
  const faults: string[] = [];
  const lines: string[] = [];
  let sizeBytes = 0;
  for (;;) {
    const line = await reader.until('\r\n', limits.headerBytes);
    if (line === null) throw new WarcError('the header block has no end');
    sizeBytes += line.byteLength;
    if (sizeBytes > limits.headerBytes) throw new WarcError('the header block is endless');
    if (line.byteLength === 2) break;
    lines.push(decoded(line.subarray(0, -2), faults));
  }
  return { version: version.toString('latin1').trim(), fields: fieldsOf(lines, faults), faults };
}

/** The length of the block that follows. @throws WarcError where that can't be told */
export function blockLength(head: RecordHead): number {
  const given = allFieldsOf(head, 'content-length');
  if (given.length !== 1 || !/^\d{1,15}$/.test(given[0] ?? '')) {
    throw new WarcError('there is no Content-Length, or no single one that is a number');
  }
  return Number(given[0]);
}

/** The block, which must be read to its end before the next record. @throws WarcError when it is cut */
export async function* readBlock(reader: ByteReader, length: number): AsyncIterable<Buffer> {
  for (let left = length; left > 0; ) {
    const chunk = await reader.some(left);
    if (chunk.byteLength === 0) throw new WarcError(`the block lacks ${left} bytes at its end`);
    left -= chunk.byteLength;
    yield chunk;
  }
}

/** The two empty lines behind every block. @throws WarcError */
export async function readEnd(reader: ByteReader): Promise<void> {
  if ((await reader.exactly(4)).toString('latin1') !== '\r\n\r\n') {
    throw new WarcError(
      'the block does not end where Content-Length says (CR LF CR LF is missing)',
    );
  }
}

export function fieldOf({ fields }: Pick<RecordHead, 'fields'>, lowerCase: string): string | null {
  return fields.find(({ name }) => name.toLowerCase() === lowerCase)?.value ?? null;
}

export function allFieldsOf({ fields }: Pick<RecordHead, 'fields'>, lowerCase: string): string[] {
  return fields.filter(({ name }) => name.toLowerCase() === lowerCase).map(({ value }) => value);
}

function decoded(line: Buffer, faults: string[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    faults.push('a named field is not UTF-8');
    return line.toString('latin1');
  }
}

/** `name: value`; a line that begins with a space goes on with the one before. */
export function fieldsOf(lines: string[], faults: string[]): Field[] {
  const fields: Field[] = [];
  for (const line of lines) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      last.value += ` ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(':');
    const name = colon < 0 ? '' : line.slice(0, colon);
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
      faults.push(`a line is not a named field: ${JSON.stringify(line.slice(0, 60))}`);
      continue;
    }
    fields.push({ name, value: line.slice(colon + 1).trim() });
  }
  return fields;
}
