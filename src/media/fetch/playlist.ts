/** Keeps the text of a playlist as it was served. */

import { readSmall } from '../../egress/small-answer.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { DownloadDeps } from './download.ts';
import { openMedia } from './exchange.ts';

export interface FetchedPlaylist {
  artifact: NewArtifact;
  text: string;
  /** After redirects: what the addresses in it are relative to. */
  url: string;
}

const maxBytes = 4 * 1024 * 1024;

/** @throws as `openMedia`; PermanentError `too-large` */
export async function fetchPlaylist(
  { client, vault }: DownloadDeps,
  requestedUrl: string,
  name: string,
  idleTimeoutMs: number,
  signal: AbortSignal,
): Promise<FetchedPlaylist> {
  const opened = await openMedia(requestedUrl, {}, { client, signal, idleTimeoutMs });
  const { url, status, headers, remoteAddress } = opened.response;
  const bytes = await readSmall(opened.response, maxBytes);
  const artifact: NewArtifact = {
    role: 'media.playlist',
    name,
    mediaType: 'application/vnd.apple.mpegurl',
    ...(await vault.put(bytes)),
    derivedFrom: null,
    facts: { requestedUrl, url, status, headers, remoteAddress, hops: opened.hops },
  };
  return { artifact, text: bytes.toString('utf8'), url };
}
