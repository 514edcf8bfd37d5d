/**
 * Text in pictures, read by tesseract. One language at a time: asked for two at once it
 * turns words of one into letters of the other. Of lines that lie over each other the one
 * that it was surer of is kept; what each pass said is kept as well, whole.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { UnreachableError } from '../../base/errors.ts';
import { sha256OfFile } from '../../base/file-digest.ts';
import { isMissing, runConfined } from '../tools/confine.ts';
import { prepareForReading } from '../tools/pictures.ts';

/** Left, top, width, height, in pixels of the picture, upright. */
export type Box = [number, number, number, number];

export interface ReadWord {
  text: string;
  /** 0 to 100, tesseract's own. */
  confidence: number;
  box: Box;
}

export interface ReadLine extends ReadWord {
  language: string;
  words: ReadWord[];
}

export interface PictureText {
  schema: 'holdfast.text-in-picture/1';
  /** SHA-256 of what was read. */
  picture: string;
  width: number;
  height: number;
  /** It was dark, and was read as its negative. */
  inverted: boolean;
  /** It was read at this size, times its own. */
  scale: number;
  reader: Pick<Reader, 'version' | 'models'> & { arguments: string[] };
  /** From top to bottom. */
  lines: ReadLine[];
  /** What was printed in each pass, boxes at the scale above. */
  passes: { language: string; failed: string | null; tsv: string }[];
}

export interface Reader {
  executable: string;
  version: string;
  /** Languages that were asked for and are installed, with the digest of what they were learnt into. */
  models: { language: string; sha256: string }[];
  /** Asked for, and not installed. */
  missing: string[];
}

/** Surer than this, a line goes into the search. */
const leastConfidence = 50;
const passLimitMs = 60_000;
const tsvMaxChars = 2 * 1024 * 1024;
/** Lines that share so much of the smaller one are the same line. */
const sameLineShare = 0.4;

/** @throws UnreachableError `tool-missing`, `no-languages` */
export async function openReader(
  executable: string,
  languages: string[],
  signal: AbortSignal,
): Promise<Reader> {
  const [version = 'unknown'] = await printedBy(executable, ['--version'], signal);
  const [title = '', ...installed] = await printedBy(executable, ['--list-langs'], signal);
  const folder = /"([^"]+)"/.exec(title)?.[1] ?? '';
  const present = languages.filter((language) => installed.includes(language));
  if (present.length === 0) {
    throw new UnreachableError(
      'no-languages',
      `tesseract has none of ${languages.join(', ')}: install tesseract-ocr-LANGUAGE`,
    );
  }
  const models = await Promise.all(
    present.map(async (language) => ({
      language,
      sha256: await sha256OfFile(join(folder, `${language}.traineddata`)),
    })),
  );
  const missing = languages.filter((language) => !installed.includes(language));
  return { executable, version, models, missing };
}

/** Two readings with the same key give the same text. */
export function readerKey(reader: Reader, layout: Layout): string {
  const { version, models } = reader;
  return createHash('sha256')
    .update(JSON.stringify([version, models, layout, 1]))
    .digest('hex');
}

/** `page`: text in blocks. `scattered`: words anywhere in a scene. */
export type Layout = 'page' | 'scattered';

const segmentation: Record<Layout, string> = { page: '3', scattered: '11' };

/**
 * @param folder scratch
 * @throws PermanentError `not-decodable`; the signal's reason
 */
export async function readPicture(
  reader: Reader,
  picture: { path: string; sha256: string; layout: Layout },
  folder: string,
  signal: AbortSignal,
): Promise<PictureText> {
  const prepared = join(folder, `${picture.sha256}.png`);
  const { width, height, scale, inverted } = await prepareForReading(picture.path, prepared);
  const options = ['--psm', segmentation[picture.layout]];
  const passes = await Promise.all(
    reader.models.map(async ({ language }) => ({
      language,
      ...(await pass(reader, prepared, [...options, '-l', language], signal)),
    })),
  );
  const lines = passes.flatMap(({ language, tsv }) => linesIn(tsv, language, scale));
  return {
    schema: 'holdfast.text-in-picture/1',
    picture: picture.sha256,
    width,
    height,
    inverted,
    scale,
    reader: {
      version: reader.version,
      models: reader.models,
      arguments: [...options, '-l', 'LANGUAGE', 'tsv'],
    },
    lines: surest(lines),
    passes,
  };
}

/** For searching: the lines that it was sure enough of. */
export function plainText({ lines }: Pick<PictureText, 'lines'>): string {
  return lines
    .filter(({ confidence }) => confidence >= leastConfidence)
    .map(({ text }) => text)
    .join('\n');
}

/** A pass that meets its limits says so and leaves the others what they found. */
async function pass(
  reader: Reader,
  prepared: string,
  options: string[],
  signal: AbortSignal,
): Promise<{ failed: string | null; tsv: string }> {
  let tsv = '';
  const onLine = (line: string) => {
    if (tsv.length < tsvMaxChars) tsv += `${line}\n`;
  };
  const run = {
    executable: reader.executable,
    options: [prepared, 'stdout', ...options, 'tsv'],
    timeLimitMs: passLimitMs,
    environment: { OMP_THREAD_LIMIT: '1' },
    onLine,
  };
  try {
    const { broke, complaints } = await runConfined(run, signal);
    return { failed: broke === null ? null : `${broke}: ${complaints.at(-1) ?? ''}`, tsv };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Error) || error.name !== 'TimeoutError') throw error;
    return { failed: 'timed-out', tsv };
  }
}

/**
 * Columns: level, page, block, paragraph, line, word, left, top, width, height, confidence,
 * text. Level 5 is a word.
 */
export function linesIn(tsv: string, language: string, scale: number): ReadLine[] {
  const lines = new Map<string, ReadWord[]>();
  for (const row of tsv.split('\n')) {
    const cells = row.split('\t');
    const [level, page, block, paragraph, line, , ...rest] = cells.slice(0, 11);
    const text = cells.slice(11).join('\t').trim();
    const [left, top, width, height, confidence] = rest.map(Number) as [number, ...number[]];
    if (level !== '5' || text === '' || !(Number(confidence) >= 0)) continue;
    const box = [left, top, width, height].map((edge) => Math.round(Number(edge) / scale)) as Box;
    const key = [page, block, paragraph, line].join('.');
    const words = lines.get(key) ?? [];
    words.push({ text, confidence: Number(confidence), box });
    lines.set(key, words);
  }
  return [...lines.values()].map((words) => ({ ...wholeLine(words), language, words }));
}

function wholeLine(words: ReadWord[]): ReadWord {
  const letters = words.reduce((sum, { text }) => sum + text.length, 0);
  const sure = words.reduce((sum, { text, confidence }) => sum + text.length * confidence, 0);
  const left = Math.min(...words.map(({ box }) => box[0]));
  const top = Math.min(...words.map(({ box }) => box[1]));
  const right = Math.max(...words.map(({ box }) => box[0] + box[2]));
  const bottom = Math.max(...words.map(({ box }) => box[1] + box[3]));
  return {
    text: words.map(({ text }) => text).join(' '),
    confidence: Math.round((sure / letters) * 10) / 10,
    box: [left, top, right - left, bottom - top],
  };
}

function surest(lines: ReadLine[]): ReadLine[] {
  const kept: ReadLine[] = [];
  for (const line of lines.toSorted((one, other) => other.confidence - one.confidence)) {
    if (kept.every((other) => shared(line.box, other.box) < sameLineShare)) kept.push(line);
  }
  return kept.sort((one, other) => one.box[1] - other.box[1] || one.box[0] - other.box[0]);
}

/** The part that two boxes have in common, of the smaller one. */
function shared(one: Box, other: Box): number {
  const width = Math.min(one[0] + one[2], other[0] + other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[1] + one[3], other[1] + other[3]) - Math.max(one[1], other[1]);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / Math.max(1, Math.min(one[2] * one[3], other[2] * other[3]));
}

async function printedBy(executable: string, options: string[], signal: AbortSignal) {
  const lines: string[] = [];
  const run = {
    executable,
    options,
    timeLimitMs: 20_000,
    onLine: (line: string) => void lines.push(line),
  };
  const { broke } = await runConfined(run, signal);
  if (broke !== null && isMissing(broke)) {
    throw new UnreachableError('tool-missing', `can't run ${executable}: install tesseract-ocr`);
  }
  return lines;
}
