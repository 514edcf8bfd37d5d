/** Describes a file that has just landed: what it is, how it came, whether it can be read. */

import { PermanentError, TransientError } from '../../base/errors.ts';
import type { MediaNote } from '../../base/reasons.ts';
import type { MediaFacts, NewArtifact } from '../../model/artifact.ts';
import type { MediaRef } from '../../model/plan.ts';
import type { Vault } from '../../vault/vault.ts';
import type { Pictures } from '../pictures/pictures.ts';
import type { MediaTools } from '../tools/ffmpeg.ts';
import { probeMedia } from '../tools/probe.ts';
import type { Downloaded } from './download.ts';
import { headerOf } from './exchange.ts';
import { fileNameOf, fileTypeOf } from './file-name.ts';
import { isCoded } from './recorded-file.ts';

export interface DescribedOriginal {
  artifact: NewArtifact;
  notes: MediaNote[];
}

/** Which medium this is, and which of its candidates was asked for. */
export interface Asked {
  ref: MediaRef;
  url: string;
  /** Position in the ladder; 0 is the best. */
  rung: number;
}

export interface Content {
  media: MediaFacts;
  facts: Record<string, unknown>;
  /** `null`: sound as far as we looked. */
  damage: string | null;
}

/** Claimed and real length may differ by rounding. */
const lengthToleranceMs = 1_500;

export interface DescribingDeps {
  vault: Pick<Vault, 'path'>;
  tools: MediaTools;
  pictures: Pictures;
}

/**
 * @throws TransientError `truncated` for a file that can't be read and whose server didn't
 *   say how long it is: it may have been cut. With a length it is what the origin has.
 */
export async function describeOriginal(
  deps: DescribingDeps,
  asked: Asked,
  downloaded: Downloaded,
  signal: AbortSignal,
): Promise<DescribedOriginal> {
  const { sha256, sizeBytes, declaredBytes } = downloaded;
  const content = await contentOf(deps, downloaded, signal);
  const cut = content.damage === 'unreadable' || content.damage === 'damaged';
  if (cut && declaredBytes === null) {
    throw new TransientError(
      'truncated',
      `${downloaded.url} can't be read whole and names no length`,
    );
  }
  const facts = { ...howItCame(asked, downloaded), ...content.facts, damage: content.damage };
  const artifact: NewArtifact = {
    ...namedAs(asked, downloaded),
    sizeBytes,
    sha256,
    derivedFrom: null,
    media: content.media,
    facts,
  };
  return { artifact, notes: notesOn(asked.ref, downloaded, content) };
}

/** A file that was asked for as such keeps its name; a medium of a page has the page's number for it. */
function namedAs(
  { ref }: Asked,
  downloaded: Downloaded,
): Pick<NewArtifact, 'role' | 'name' | 'mediaType'> {
  const { kind, mediaType, extension } = downloaded.sniffed;
  const isMedium = kind !== 'other';
  const role = isMedium ? 'media.original' : 'file.original';
  if (ref.kind !== 'file') return { role, name: `media/${ref.id}.${extension}`, mediaType };
  const name = `media/${ref.id}/${fileNameOf(downloaded)}`;
  return { role, name, mediaType: isMedium ? mediaType : fileTypeOf(downloaded) };
}

function contentOf(
  deps: DescribingDeps,
  { sniffed, sha256 }: Downloaded,
  signal: AbortSignal,
): Content | Promise<Content> {
  if (sniffed.kind === 'other') return { media: {}, facts: {}, damage: null };
  if (sniffed.kind === 'picture') return pictureContent(deps, sha256);
  return movingContent(deps, sha256, signal);
}

function howItCame(
  { ref, url: requestedUrl, rung }: Asked,
  downloaded: Downloaded,
): Record<string, unknown> {
  const { url, status, headers, remoteAddress, hops, declaredBytes, resumed, restarted, exchange } =
    downloaded;
  return {
    from: url.startsWith('data:') ? 'document' : exchange === null ? 'client' : 'page',
    exchange,
    requestedUrl,
    ladderChosen: rung,
    url,
    status,
    headers,
    remoteAddress,
    hops,
    ...(exchange !== null &&
      isCoded(downloaded) && { bytes: 'as Chromium decoded them from their content encoding' }),
    servedType: headerOf(downloaded, 'content-type'),
    sniffedType: downloaded.sniffed.mediaType,
    declaredBytes,
    resumed,
    restarted,
    orderedBy: ref.orderedBy,
    altText: ref.altText,
    belongsTo: ref.belongsTo,
  };
}

function notesOn(ref: MediaRef, { declaredBytes, url }: Downloaded, content: Content): MediaNote[] {
  const notes: MediaNote[] = [];
  if (content.damage !== null)
    notes.push(`damage: ${url} is ${content.damage}, kept as it was served`);
  if (declaredBytes === null)
    notes.push(`length-unknown: ${url} named no length, a cut might go unseen`);
  const { durationMs } = content.media;
  const claimed = ref.claimed.durationMs;
  if (
    durationMs !== undefined &&
    claimed !== null &&
    Math.abs(durationMs - claimed) > lengthToleranceMs
  ) {
    notes.push(`length-differs: ${url} lasts ${durationMs} ms, ${claimed} ms were claimed`);
  }
  return notes;
}

async function pictureContent(
  { vault, pictures }: Pick<DescribingDeps, 'vault' | 'pictures'>,
  sha256: string,
): Promise<Content> {
  const path = await vault.path(sha256);
  const { width, height, damage, ...picture } = await pictures.describe(path);
  const media = width === null || height === null ? {} : { width, height };
  return { media, facts: { picture }, damage };
}

/** Looks into a video or a sound in the vault; one that can't be read is described as that. */
export async function movingContent(
  deps: { vault: Pick<Vault, 'path'>; tools: MediaTools },
  sha256: string,
  signal: AbortSignal,
): Promise<Content> {
  try {
    const probe = await probeMedia(deps.tools, await deps.vault.path(sha256), signal);
    const media: MediaFacts = {};
    if (probe.video !== null)
      Object.assign(media, { width: probe.video.width, height: probe.video.height });
    if (probe.durationMs !== null) media.durationMs = probe.durationMs;
    return { media, facts: { probe }, damage: null };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PermanentError)) throw error;
    return {
      media: {},
      facts: { probe: { failed: error.code, message: error.message } },
      damage: 'unreadable',
    };
  }
}
