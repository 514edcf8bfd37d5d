/** What an original says about itself: container, EXIF, XMP, profile. Written beside it; it is only read. */
import { errorCode } from '../../base/errors.ts';
import {
  isOfPicture,
  isOfTime,
  type PictureMetadata,
  type Pictures,
} from '../pictures/pictures.ts';
import { isMissing, runConfined } from '../tools/confine.ts';
import { type MediaTools, runFfprobe } from '../tools/ffmpeg.ts';
import { readExif } from './exif.ts';

export interface EmbeddedMetadata {
  schema: 'holdfast.metadata/1';
  original: { sha256: string; mediaType: string };
  /** As ffprobe prints it; `null` for pictures. */
  ffprobe: unknown;
  picture: unknown;
  exif: unknown;
  xmp: string | null;
  /** As exiftool prints it; `null` where it is not installed. */
  exiftool: unknown;
  /** What could not be read, and why. */
  failed: Record<string, string>;
}

const timeLimitMs = 60_000;
const answerMaxChars = 4 * 1024 * 1024;

/**
 * Throws for nothing that is in the file but a picture that takes too long.
 * @throws PermanentError `file-time-limit`, `job-time-limit`; the signal's reason; UnreachableError `tool-missing`
 */
export async function readEmbeddedMetadata(
  { tools, pictures }: { tools: MediaTools; pictures: Pictures },
  original: { path: string; sha256: string; mediaType: string },
  signal: AbortSignal,
): Promise<EmbeddedMetadata> {
  const { path, sha256, mediaType } = original;
  const failed: Record<string, string> = {};
  const isPicture = mediaType.startsWith('image/');
  const picture = isPicture ? await fromPicture(pictures, path, failed) : null;
  const moving = isPicture ? null : await fromFfprobe(tools, path, failed, signal);
  return {
    schema: 'holdfast.metadata/1',
    original: { sha256, mediaType },
    ffprobe: moving,
    picture: picture === null ? null : { ...picture.header, icc: picture.icc },
    exif: picture?.exif == null ? null : readExif(picture.exif),
    xmp: picture?.xmp ?? null,
    exiftool: await fromExiftool(path, failed, signal),
    failed,
  };
}

async function fromPicture(
  pictures: Pictures,
  path: string,
  failed: Record<string, string>,
): Promise<PictureMetadata | null> {
  try {
    const read = await pictures.metadata(path);
    if (read === null) failed.picture = 'unreadable';
    return read;
  } catch (error) {
    if (!isOfPicture(error) || isOfTime(error)) throw error;
    failed.picture = error.code;
    return null;
  }
}

async function fromFfprobe(
  tools: MediaTools,
  path: string,
  failed: Record<string, string>,
  signal: AbortSignal,
): Promise<unknown> {
  const answer = collector();
  const options = [
    '-of',
    'json',
    '-show_format',
    '-show_streams',
    '-show_chapters',
    '-show_programs',
  ];
  try {
    await runFfprobe(tools, path, options, answer.add, { timeLimitMs, yielding: true, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (errorCode(error) === 'tool-missing') throw error;
    failed.ffprobe = errorCode(error);
    return null;
  }
  // It prints the path that it was given; the name of our vault is nobody's business.
  return answer.json((value) => withoutKey(value, 'filename'));
}

async function fromExiftool(
  path: string,
  failed: Record<string, string>,
  signal: AbortSignal,
): Promise<unknown> {
  if (exiftoolMissing) return null;
  const answer = collector();
  const options = ['-j', '-G1', '-a', '-u', '-struct', '--', path];
  const run = {
    executable: 'exiftool',
    options,
    inputs: [path],
    timeLimitMs,
    yielding: true,
    onLine: answer.add,
  };
  const broke = await runConfined(run, signal).then(
    (ended) => ended.broke,
    (error: unknown) => {
      signal.throwIfAborted();
      return errorCode(error);
    },
  );
  if (broke !== null && isMissing(broke)) {
    exiftoolMissing = true;
    return null;
  }
  if (broke !== null) failed.exiftool = broke;
  return answer.json((value) => withoutKey(value, 'SourceFile'));
}

/** Asked once a process. */
let exiftoolMissing = false;

function collector() {
  let text = '';
  return {
    add: (line: string) => {
      if (text.length < answerMaxChars) text += `${line}\n`;
    },
    json: (change: (value: unknown) => unknown): unknown => {
      try {
        return change(JSON.parse(text));
      } catch {
        return null;
      }
    },
  };
}

function withoutKey(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutKey(item, name));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== name)
      .map(([key, inner]) => [key, withoutKey(inner, name)]),
  );
}
