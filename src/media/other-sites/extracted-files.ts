/**
 * Files that the extractor wrote, taken over into the vault. What a server had as one file is
 * an original; what had to be put together, by the extractor or by us, is `media.joined` and
 * names by whom.
 */

import { lstat, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PermanentError } from '../../base/errors.ts';
import type { MediaNote } from '../../base/reasons.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { MediaDeps } from '../fetch/fetch-media.ts';
import { joinRun } from '../fetch/hls.ts';
import { type Content, movingContent } from '../fetch/original.ts';
import { type Sniffed, sniff, sniffBytes } from '../fetch/sniff.ts';
import { argumentsOf, runFfmpeg, toolVersion } from '../tools/ffmpeg.ts';
import type { Extractor } from './extractor-program.ts';
import { type ExtractedStream, type KeptVideo, outputOf } from './run-extractor.ts';

export interface ExtractorCourse {
  deps: Pick<MediaDeps, 'vault' | 'tools'>;
  extractor: Extractor;
  folder: string;
  signal: AbortSignal;
}

/** It says that it kept a video, and there is none. */
export const noFile = 'extractor-no-file';

const joinLimitMs = 30 * 60_000;
/** Protocols under which a server hands out one file. */
const oneFile = /^https?$/;
const lengthToleranceMs = 1_500;

/** What every file that it fetched says of it. */
export function programOf({ version, digests }: Extractor) {
  return { name: 'yt-dlp', version, digests };
}

interface Kept {
  artifacts: NewArtifact[];
  notes: MediaNote[];
}

/** @throws PermanentError `extractor-no-file`, `not-media`, `extractor-unreadable`, and as `runFfmpeg` */
export async function storeVideo(
  course: ExtractorCourse,
  video: KeptVideo,
  id: string,
): Promise<Kept> {
  const download = video.requested_downloads?.[0];
  const streams = download === undefined ? [] : (download.requested_formats ?? [download]);
  const files: StreamFile[] = [];
  for (const stream of streams) files.push(await storeStream(course, stream));
  const [first, second] = files;
  if (first === undefined)
    throw new PermanentError(noFile, 'it reported a video but named no file');
  const artifacts =
    second === undefined
      ? [asOne(course, video, id, first)]
      : await asTwo(course, video, id, [first, second]);
  const info = await storeInfo(course, video, id);
  return { artifacts: [...artifacts, ...info], notes: notesOn(video, id, files, artifacts.at(-1)) };
}

interface StreamFile {
  stream: ExtractedStream;
  sniffed: Sniffed;
  stored: { sha256: string; sizeBytes: number };
  content: Content;
}

async function storeStream(course: ExtractorCourse, stream: ExtractedStream): Promise<StreamFile> {
  const { deps, signal } = course;
  const path = await fileOf(course, stream.filepath);
  const sniffed = await sniff(await headOf(path));
  if (sniffed.kind !== 'video' && sniffed.kind !== 'audio')
    throw new PermanentError('not-media', `what it fetched is ${sniffed.mediaType}`);
  const stored = await deps.vault.putFile(path, { signal });
  const content = await movingContent(deps, stored.sha256, signal);
  if (content.damage !== null)
    throw new PermanentError('extractor-unreadable', `what it fetched is ${content.damage}`);
  return { stream, sniffed, stored, content };
}

/** Only a plain file in the folder that it was given: where it says that the file is, it may have been told by a page. */
async function fileOf(
  { folder }: ExtractorCourse,
  told: string | null | undefined,
): Promise<string> {
  const output = outputOf(folder);
  const path = join(output, basename(told ?? ''));
  const isPlain = await lstat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isPlain && (!told?.startsWith('/') || dirname(told) === output)) return path;
  throw new PermanentError(noFile, 'it reported a video file that does not exist');
}

async function headOf(path: string): Promise<Uint8Array> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(sniffBytes), 0, sniffBytes, 0);
  return buffer.subarray(0, bytesRead);
}

function asOne(
  course: ExtractorCourse,
  video: KeptVideo,
  id: string,
  file: StreamFile,
): NewArtifact {
  const { sniffed, stored, content, stream } = file;
  const whole = oneFile.test(stream.protocol ?? '');
  return {
    role: whole ? 'media.original' : 'media.joined',
    name: `media/${id}.${sniffed.extension}`,
    mediaType: sniffed.mediaType,
    ...stored,
    derivedFrom: null,
    media: content.media,
    facts: {
      ...howItCame(course, video, file),
      ...(whole ? {} : { joinedBy: 'yt-dlp, from pieces that were not kept' }),
    },
  };
}

/** Pictures and sound that the site has apart: both as they came, and the file that we join from them. */
async function asTwo(
  course: ExtractorCourse,
  video: KeptVideo,
  id: string,
  files: [StreamFile, StreamFile],
): Promise<NewArtifact[]> {
  const { deps, signal } = course;
  const parts = files.map((file, index): NewArtifact => {
    const name = `media/${id}.parts/${index === 0 ? 'video' : 'audio'}.${file.sniffed.extension}`;
    return { ...asOne(course, video, id, file), role: 'media.segment', name };
  });
  await using scratch = await deps.vault.scratch('join');
  const inputs = await Promise.all(files.map(({ stored }) => deps.vault.path(stored.sha256)));
  const run = { ...joinRun(inputs, scratch.folder, 'joined.mkv'), timeLimitMs: joinLimitMs };
  const { complaints } = await runFfmpeg(deps.tools, run, signal);
  const stored = await deps.vault.putFile(join(scratch.folder, 'joined.mkv'), { signal });
  const content = await movingContent(deps, stored.sha256, signal);
  const joined: NewArtifact = {
    role: 'media.joined',
    name: `media/${id}.mkv`,
    mediaType: 'video/matroska',
    ...stored,
    derivedFrom: files[0].stored.sha256,
    media: content.media,
    facts: {
      tool: 'ffmpeg',
      version: await toolVersion(deps.tools.ffmpeg),
      arguments: argumentsOf(run, 'PART'),
      joinedBy: 'Holdfast, from the parts that yt-dlp fetched',
      joinedFrom: files.map((file) => file.stored.sha256),
      complaints,
      ...content.facts,
      belongsTo: 'page',
    },
  };
  return [...parts, joined];
}

function howItCame(
  { extractor }: ExtractorCourse,
  video: KeptVideo,
  { stream, sniffed, content }: StreamFile,
) {
  return {
    fetchedBy: programOf(extractor),
    recordedAsExchanges: false,
    site: video.extractor_key ?? null,
    pageUrl: video.webpage_url ?? null,
    url: stream.url ?? null,
    protocol: stream.protocol ?? null,
    formatId: stream.format_id ?? null,
    sniffedType: sniffed.mediaType,
    belongsTo: 'page',
    ...content.facts,
  };
}

/** What the extractor says of the video: its reading of what the site said, checked by nobody. */
async function storeInfo(
  course: ExtractorCourse,
  video: KeptVideo,
  id: string,
): Promise<NewArtifact[]> {
  const path = await fileOf(course, video.requested_downloads?.[0]?.infojson_filename).catch(
    () => null,
  );
  if (path === null) return [];
  return [
    {
      role: 'media.info',
      name: `media/${id}.info.json`,
      mediaType: 'application/json',
      ...(await course.deps.vault.putFile(path, { signal: course.signal })),
      derivedFrom: null,
      facts: { wordsOf: programOf(course.extractor), checked: false },
    },
  ];
}

function notesOn(
  { duration, live_status: live }: KeptVideo,
  id: string,
  files: StreamFile[],
  last: NewArtifact | undefined,
): MediaNote[] {
  const notes: MediaNote[] = [
    `fetched-by-extractor: ${id} was fetched by yt-dlp and not recorded as exchanges`,
  ];
  const inPieces = files.some(({ stream }) => !oneFile.test(stream.protocol ?? ''));
  if (inPieces && live == null)
    notes.push(`end-unknown: ${id} came in pieces, and nothing says whether the stream had ended`);
  const isMs = last?.media?.durationMs;
  if (
    duration != null &&
    isMs !== undefined &&
    Math.abs(isMs - duration * 1000) > lengthToleranceMs
  )
    notes.push(
      `length-differs: ${id} lasts ${isMs} ms, ${Math.round(duration * 1000)} ms were claimed`,
    );
  return notes;
}
