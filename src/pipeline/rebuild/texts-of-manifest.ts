/** Words that a manifest of 0.1.0 holds among its artifacts: read and heard before there were derivations. */
import type { CapturedText } from '../../catalog/texts.ts';
import type { Manifest } from '../../seal/manifest.ts';
import { textsIn } from '../derive/keep-derivation.ts';
import type { Parts } from '../parts.ts';

export async function textsOfManifest(
  parts: Pick<Parts, 'log' | 'vault'>,
  { artifacts }: Pick<Manifest, 'artifacts'>,
): Promise<CapturedText[]> {
  const texts: CapturedText[] = [];
  for (const kind of ['ocr', 'transcript'] as const) {
    const files = artifacts
      .filter(({ role }) => role === kind)
      .map(({ role, name, mediaType, sizeBytes, sha256, derivedFrom }) => ({
        ...{ role, name, mediaType, sizeBytes, sha256, derivedFrom },
      }));
    texts.push(...(await textsIn(parts, { kind, files })));
  }
  return texts;
}
