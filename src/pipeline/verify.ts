/**
 * Checks closed captures against their manifests: every stored byte is hashed again, and
 * every row of the catalog is compared with what the manifest says. It proves that vault
 * and catalog still agree with the manifests that lie in the vault; it does not prove
 * when a manifest was written or by whom.
 */
import { createHash } from 'node:crypto';
import { artifactsOf } from '../catalog/artifacts.ts';
import { captureById, outcomeOf } from '../catalog/captures.ts';
import { canonicalJson } from '../seal/canonical-json.ts';
import { type Manifest, readManifest } from '../seal/manifest.ts';
import type { Parts } from './parts.ts';
import { describeCapture } from './seal.ts';

export interface Check {
  captureId: string;
  /** What was looked at: `manifest`, `catalog`, or the name of an artifact. */
  subject: string;
  ok: boolean;
  message: string;
}

export const verifyStatement =
  'A pass proves that every stored file and every catalog row agree with the manifests in the vault. ' +
  'It does not prove when a manifest was written, nor by whom, nor that what was captured is true.';

/** Yields one line a check. Never throws for what it finds; throws when aborted. */
export async function* verifyCapture(
  parts: Parts,
  captureId: string,
  signal?: AbortSignal,
): AsyncGenerator<Check> {
  const check = (subject: string, ok: boolean, message: string): Check => ({
    captureId,
    subject,
    ok,
    message,
  });
  const bytes = await parts.vault.readRecord('manifests', captureId);
  const outcome = await outcomeOf(parts.database, captureId);
  if (bytes === null) {
    const message = outcome === null ? 'not closed yet, no manifest' : 'the manifest is missing';
    yield check('manifest', outcome === null, message);
    return;
  }
  const manifest = parsed(bytes);
  if (manifest === null || manifest.captureId !== captureId) {
    yield check('manifest', false, 'the stored manifest is not one of this capture');
    return;
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const digestAgrees = outcome === null || outcome.manifestSha256 === sha256;
  yield check(
    'manifest',
    digestAgrees,
    digestAgrees ? `SHA-256 ${sha256}` : 'digest differs from the catalog',
  );
  for (const artifact of manifest.artifacts) {
    const found = await parts.vault.rehash(artifact.sha256, signal);
    const ok = found?.sha256 === artifact.sha256 && found.sizeBytes === artifact.sizeBytes;
    const fault = found === null ? 'missing from the vault' : `hashes to ${found.sha256}`;
    yield check(artifact.name, ok, ok ? `SHA-256 ${artifact.sha256}` : fault);
  }
  yield await catalogCheck(parts, manifest, outcome !== null, check);
}

function parsed(bytes: Buffer): Manifest | null {
  try {
    return readManifest(bytes);
  } catch {
    return null;
  }
}

/** The catalog, described anew, must say what the manifest says. */
async function catalogCheck(
  parts: Parts,
  manifest: Manifest,
  closed: boolean,
  check: (subject: string, ok: boolean, message: string) => Check,
): Promise<Check> {
  if (!closed || (await captureById(parts.database, manifest.captureId)) === null) {
    return check('catalog', false, 'the catalog does not hold this capture as closed: run rebuild');
  }
  const now = await describeCapture(
    parts,
    manifest.captureId,
    await artifactsOf(parts.database, manifest.captureId),
  ).catch(() => null);
  if (now === null)
    return check('catalog', false, 'the catalog can no longer describe this capture');
  const outcome = await outcomeOf(parts.database, manifest.captureId);
  const fromCatalog: Manifest = {
    ...now,
    startedAt: outcome?.startedAt.toISOString() ?? '',
    finishedAt: outcome?.finishedAt.toISOString() ?? '',
    state: outcome?.state ?? 'failed',
    source: outcome?.sourceKey ?? '',
    conditions: manifest.conditions,
    tools: manifest.tools,
  };
  const differing = Object.entries(manifest).flatMap(([field, value]) =>
    canonicalJson(value) === canonicalJson(Reflect.get(fromCatalog, field)) ? [] : [field],
  );
  return differing.length === 0
    ? check('catalog', true, 'agrees with the manifest')
    : check('catalog', false, `differs from the manifest in: ${differing.join(', ')}`);
}

/** Every capture that has a manifest in the vault or an outcome in the catalog. */
export async function* verifiableCaptures(parts: Parts): AsyncGenerator<string> {
  const seen = new Set<string>();
  for await (const { name } of parts.vault.records('manifests')) {
    seen.add(name);
    yield name;
  }
  const { rows } = await parts.database.query<{ capture_id: string }>(
    'select capture_id from capture_outcomes order by capture_id',
  );
  for (const { capture_id } of rows) if (!seen.has(capture_id)) yield capture_id;
}
