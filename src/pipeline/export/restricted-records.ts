/** What a capture made with a browser profile withholds, decrypted for whoever keeps the archive. */
import { isSealedAs, openAtRest } from '../../base/at-rest.ts';
import { IntegrityError, NotFoundError } from '../../base/errors.ts';
import { noteCustody } from '../custody/custody-event.ts';
import type { Parts } from '../parts.ts';
import { readWhole, restrictedKind, restrictedRole } from '../warc-parts.ts';
import { closedCapture } from './bundle-captures.ts';

/**
 * A WARC of the requests and answers with cookies and tokens in them. That it was read goes into
 * the log first. Captures of before 0.2.0 hold it in the clear.
 * @throws NotFoundError `no-restricted`, `object-missing`; IntegrityError `restricted-unreadable`,
 *   `stored-bytes-differ`; UsageError `unfinished`
 */
export async function readRestricted(parts: Parts, captureId: string, by: string): Promise<Buffer> {
  const { manifest, caseName, sha256: manifestSha256 } = await closedCapture(parts, captureId);
  const held = manifest.artifacts.filter(({ role }) => role === restrictedRole);
  if (held.length === 0)
    throw new NotFoundError(
      'no-restricted',
      `the capture ${captureId} holds no restricted records: it was made without a browser profile`,
    );
  const clear: Buffer[] = [];
  for (const { sha256 } of held) clear.push(await inTheClear(parts, sha256));
  await noteCustody(parts, {
    ...{ type: 'viewed', by, caseName },
    targets: held.map(({ sha256 }) => sha256),
    detail: { capture: captureId, manifestSha256, role: restrictedRole },
  });
  return Buffer.concat(clear);
}

async function inTheClear({ home, vault }: Parts, sha256: string): Promise<Buffer> {
  const bytes = await readWhole({ vault }, sha256);
  if (!isSealedAs(restrictedKind, bytes)) return bytes;
  return openAtRest(home.folder, restrictedKind, bytes).catch((error: unknown) => {
    if (error instanceof IntegrityError) throw error;
    throw new IntegrityError(
      'restricted-unreadable',
      `${sha256} can't be decrypted with the key of this data folder (${String(error)})`,
    );
  });
}
