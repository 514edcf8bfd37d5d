/** A file of a page that its recorder holds, in the place of one that would have to be asked for. */
import { PermanentError, TransientError } from '../../base/errors.ts';
import type { MediaRef, RecordedFile } from '../../model/plan.ts';
import type { Vault } from '../../vault/vault.ts';
import { type DescribedOriginal, type DescribingDeps, describeOriginal } from './original.ts';
import { recordedDownload } from './recorded-file.ts';
import type { Sniffed } from './sniff.ts';

export const isPlaylist = 'hls-playlist';

export interface HeldFor {
  deps: Omit<DescribingDeps, 'vault'> & { vault: DescribingDeps['vault'] & Pick<Vault, 'open'> };
  ref: MediaRef;
  limit: AbortSignal;
}

/** Null: the page was not given the file, or it may have been cut without anybody seeing it. */
export async function describeHeld(
  { deps, ref, limit }: HeldFor,
  file: RecordedFile | undefined,
  { url, rung }: { url: string; rung: number },
): Promise<DescribedOriginal | null> {
  if (file === undefined) return null;
  const held = await recordedDownload(deps.vault, file);
  refuseOtherKinds(held.sniffed, ref, url);
  try {
    return await describeOriginal(deps, { ref, url, rung }, held, limit);
  } catch (error) {
    if (error instanceof TransientError && error.code === 'truncated') return null;
    throw error;
  }
}

export function refuseOtherKinds(found: Sniffed, ref: MediaRef, url: string): void {
  if (found.kind === 'other' && ref.kind !== 'file') {
    throw new PermanentError('not-media', `${url} is ${found.mediaType}, whatever it is called`);
  }
  if (found.kind === isPlaylist)
    throw new PermanentError(isPlaylist, `${url} lists the pieces of a video`);
  const moving = ref.kind === 'video' || ref.kind === 'gif';
  const still = found.kind === 'picture' && !/gif|webp|apng|avif/.test(found.mediaType);
  if (moving && still) {
    throw new PermanentError(
      'wrong-kind',
      `${url} is a ${found.mediaType} where a video was expected`,
    );
  }
}
