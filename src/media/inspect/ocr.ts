/**
 * Text in pictures, read by tesseract. One language at a time: asked for two at once it
 * turns words of one into letters of the other. Of lines that lie over each other the one
 * that it was surer of is kept; what each pass said is kept as well, whole.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { errorCode, UnreachableError } from '../../base/errors.ts';
import { sha256OfFile } from '../../base/file-digest.ts';
import type { Pictures, ReadablePicture } from '../pictures/pictures.ts';
import { isMissing, runConfined } from '../tools/confine.ts';
import { textEvidence } from './text-evidence.ts';

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
/** Long, as a pass yields to everything else on a busy machine: processor time is what ends it. */
const passLimitMs = 300_000;
/**
 * Processor time of one language over one picture. A page full of small print takes up to ten
 * seconds and a frame up to two; forty of them have been spent on a frame of noise, for nothing.
 */
const processorLimitMs: Record<Layout, number> = { page: 20_000, scattered: 5_000 };
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
    .update(JSON.stringify([version, models, layout, 2]))
    .digest('hex');
}

/** `page`: text in blocks. `scattered`: words anywhere in a scene. */
export type Layout = 'page' | 'scattered';

const segmentation: Record<Layout, string> = { page: '3', scattered: '11' };

/** A picture made ready to be read. */
export interface ReadyPicture extends Omit<ReadablePicture, 'grey'> {
  /** SHA-256 of the picture itself. */
  sha256: string;
  /** Of what is handed to tesseract. */
  path: string;
  /** How many letters seem to stand in its longest line; 0: not one, and reading it would be in vain. */
  letters: number;
}

/**
 * @param folder scratch
 * @throws PermanentError `not-decodable`, `too-many-bytes`, `decoder-ended`
 */
export async function makeReady(
  pictures: Pictures,
  { path, sha256 }: { path: string; sha256: string },
  folder: string,
): Promise<ReadyPicture> {
  const prepared = join(folder, `${sha256}.png`);
  const { grey, ...facts } = await pictures.prepareForReading(path, prepared);
  return { ...facts, sha256, path: prepared, letters: textEvidence(grey) };
}

/**
 * One language after the other, so that no more than one core is used.
 * @param leftMs of processor time, for all languages together
 * @returns what was read, and the processor time that it took; `outOfTime` where that ended it
 *   before the limits of a single picture did
 * @throws the signal's reason
 */
export async function readPicture(
  reader: Reader,
  { picture, layout }: { picture: ReadyPicture; layout: Layout },
  leftMs: number,
  signal: AbortSignal,
): Promise<{ text: PictureText; processorMs: number; outOfTime: boolean }> {
  const options = ['--psm', segmentation[layout]];
  const passes: PictureText['passes'] = [];
  let spentMs = 0;
  let outOfTime = false;
  for (const { language } of reader.models) {
    const limitMs = Math.min(processorLimitMs[layout], leftMs - spentMs);
    if (limitMs <= 0) outOfTime = true;
    if (outOfTime) break;
    const run = { picture: picture.path, options: [...options, '-l', language], limitMs };
    const { processorMs, ...said } = await pass(reader, run, signal);
    spentMs += processorMs;
    outOfTime = said.failed === spent && limitMs < processorLimitMs[layout];
    passes.push({ language, ...said });
    // What is too much for one language is so for all: it is finding the lines that takes so long.
    if (said.failed === spent) break;
  }
  return {
    text: textOf(reader, picture, passes, options),
    processorMs: Math.round(spentMs),
    outOfTime,
  };
}

function textOf(
  { version, models }: Reader,
  { sha256, width, height, inverted, scale }: ReadyPicture,
  passes: PictureText['passes'],
  options: string[],
): PictureText {
  return {
    schema: 'holdfast.text-in-picture/1',
    picture: sha256,
    width,
    height,
    inverted,
    scale,
    reader: { version, models, arguments: [...options, '-l', 'LANGUAGE', 'tsv'] },
    lines: surest(passes.flatMap(({ language, tsv }) => linesIn(tsv, language, scale))),
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

/** It used up its processor time. */
const spent = 'processor-limit';

interface Pass {
  failed: string | null;
  tsv: string;
  processorMs: number;
}

/** A pass that meets its limits says so and leaves the others what they found. */
async function pass(
  reader: Reader,
  { picture, options, limitMs }: { picture: string; options: string[]; limitMs: number },
  signal: AbortSignal,
): Promise<Pass> {
  let tsv = '';
  const onLine = (line: string) => {
    if (tsv.length < tsvMaxChars) tsv += `${line}\n`;
  };
  const run = {
    executable: reader.executable,
    options: [picture, 'stdout', ...options, 'tsv'],
    inputs: [picture],
    timeLimitMs: passLimitMs,
    processorLimitMs: limitMs,
    yielding: true,
    environment: { OMP_THREAD_LIMIT: '1' },
    onLine,
  };
  try {
    const { broke, complaints, processorMs } = await runConfined(run, signal);
    return { failed: failureOf(broke, complaints), tsv, processorMs };
  } catch (error) {
    signal.throwIfAborted();
    const code = errorCode(error);
    if (code !== 'file-time-limit') throw error;
    return { failed: code, tsv, processorMs: limitMs };
  }
}

/** The kernel ends what has spent its processor time with this signal, see setrlimit(2). */
function failureOf(broke: string | null, complaints: string[]): string | null {
  if (broke === null) return null;
  return /SIGXCPU/.test(broke) ? spent : `${broke}: ${complaints.at(-1) ?? ''}`;
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
