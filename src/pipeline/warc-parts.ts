/** Where the recorded exchanges of a capture lie: a WARC part a step, and what its large bodies make. */
import { createHash } from 'node:crypto';
import { IntegrityError } from '../base/errors.ts';
import { readLargePart } from '../warc/large-warc.ts';
import type { LargePart } from '../warc/part.ts';
import type { Parts } from './parts.ts';

/** The order of the parts in `large.warc`, and so of its bytes. */
export const warcSteps = ['record', 'wayback', 'page', 'media'] as const;

/** Where the artifacts of a step's part lie in its capture. */
export function warcNames(step: string) {
  return {
    warc: `warc/${step}.warc.gz`,
    index: `warc/${step}.cdxj`,
    large: `warc/${step}.large.json`,
    restricted: `warc/${step}.restricted.warc.gz.sealed`,
    body: (sha256: string) => `warc/bodies/${sha256}`,
  };
}

/** Never handed over unasked: cookies and tokens of a logged-in profile. */
export const restrictedRole = 'warc.restricted';
/** How it is encrypted at rest, and as what it is listed then; captures before 0.2.0 hold it in the clear. */
export const restrictedKind = 'holdfast-restricted/1';
export const restrictedType = 'application/vnd.holdfast.restricted';

/** As much of a manifest as it takes to find a file. */
interface Named {
  artifacts: { name: string; sha256: string }[];
}

/** Header blocks of large bodies by step, in the order that makes `large.warc`. */
export async function largePartsOf(
  parts: Pick<Parts, 'vault'>,
  manifest: Named,
): Promise<Map<string, LargePart>> {
  const found = new Map<string, LargePart>();
  for (const step of warcSteps) {
    const artifact = artifactNamed(manifest, warcNames(step).large);
    if (artifact !== null) found.set(step, readLargePart(await readWhole(parts, artifact.sha256)));
  }
  return found;
}

export function artifactNamed<File extends { name: string }>(
  manifest: { artifacts: File[] },
  name: string,
): File | null {
  return manifest.artifacts.find((artifact) => artifact.name === name) ?? null;
}

/** @throws IntegrityError `stored-bytes-differ`, NotFoundError `object-missing` */
export async function readWhole(parts: Pick<Parts, 'vault'>, sha256: string): Promise<Buffer> {
  const bytes = await parts.vault.read(sha256);
  if (createHash('sha256').update(bytes).digest('hex') === sha256) return bytes;
  throw new IntegrityError('stored-bytes-differ', `object ${sha256} is not what it was`);
}
