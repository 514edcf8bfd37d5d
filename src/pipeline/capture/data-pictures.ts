/** Pictures whose address is the picture itself (`data:`): into the vault, under a short name. */
import type { MediaCandidate, MediaRef } from '../../model/plan.ts';
import type { Parts } from '../parts.ts';

/** Each address of that kind becomes one that names its digest; one that can't be read is left out. */
export async function withoutAddressesOfData(
  { vault }: Pick<Parts, 'vault'>,
  refs: MediaRef[],
): Promise<MediaRef[]> {
  const kept: MediaRef[] = [];
  for (const ref of refs) {
    const candidates: MediaCandidate[] = [];
    for (const candidate of ref.candidates) {
      const read = /^data:/i.test(candidate.url) ? await intoVault(vault, candidate) : candidate;
      if (read !== null) candidates.push(read);
    }
    if (candidates.length > 0) kept.push({ ...ref, candidates });
  }
  return kept;
}

async function intoVault(
  vault: Pick<Parts['vault'], 'put'>,
  candidate: MediaCandidate,
): Promise<MediaCandidate | null> {
  const read = readDataUrl(candidate.url);
  if (read === null || read.bytes.length === 0) return null;
  const { sha256, sizeBytes } = await vault.put(read.bytes);
  const url = `data:${read.mediaType};sha256=${sha256},`;
  const headers: [string, string][] = [
    ['content-type', read.mediaType],
    ['content-length', String(sizeBytes)],
  ];
  const recorded = { url, sha256, sizeBytes, status: 200, headers, hops: [] };
  return { ...candidate, url, recorded: { ...recorded, remoteAddress: null, exchange: null } };
}

/** RFC 2397; `null` for what is none. */
export function readDataUrl(url: string): { mediaType: string; bytes: Buffer } | null {
  const comma = url.indexOf(',');
  if (comma === -1) return null;
  const [mediaType = '', ...options] = url.slice('data:'.length, comma).toLowerCase().split(';');
  if (!/^[a-z]+\/[a-z0-9.+-]+$/.test(mediaType.trim())) return null;
  const isBase64 = options.some((option) => option.trim() === 'base64');
  try {
    const text = decodeURIComponent(url.slice(comma + 1));
    return { mediaType: mediaType.trim(), bytes: Buffer.from(text, isBase64 ? 'base64' : 'utf8') };
  } catch {
    return null;
  }
}
