/** A file that a page was given whole, as if it had just been downloaded. */
import type { RecordedFile } from '../../model/plan.ts';
import type { Vault } from '../../vault/vault.ts';
import { type Downloaded, declaredLength } from './download.ts';
import { headerOf } from './exchange.ts';
import { sniff, sniffBytes } from './sniff.ts';

/** Such a body is held as the browser decoded it. */
export function isCoded({ headers }: Pick<RecordedFile, 'headers'>): boolean {
  const coding = headerOf({ headers }, 'content-encoding')?.trim().toLowerCase() ?? '';
  return !['', 'identity'].includes(coding);
}

/** @throws NotFoundError `object-missing` */
export async function recordedDownload(
  vault: Pick<Vault, 'open'>,
  recorded: RecordedFile,
): Promise<Downloaded> {
  const { sha256, sizeBytes, url, status, headers, remoteAddress, hops, exchange } = recorded;
  const chunks: Buffer[] = [];
  for await (const chunk of await vault.open(sha256, { start: 0, end: sniffBytes - 1 }))
    chunks.push(chunk);
  return {
    sha256,
    sizeBytes,
    sniffed: await sniff(Buffer.concat(chunks)),
    url,
    status,
    headers,
    remoteAddress,
    hops,
    // Of a coded body it is the length of the code.
    declaredBytes: isCoded(recorded) ? null : declaredLength(recorded),
    resumed: [],
    restarted: [],
    exchange,
  };
}
