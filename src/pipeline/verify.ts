/**
 * Checks closed captures against their manifests: every stored byte is hashed again, and
 * every row of the catalog is compared with what the manifest says. It proves that vault
 * and catalog still agree with the manifests that lie in the vault; it does not prove
 * when a manifest was written or by whom.
 */
import { createHash } from 'node:crypto';
import { artifactsOf } from '../catalog/artifacts.ts';
import { captureById, outcomeOf } from '../catalog/captures.ts';
import { pagesOf } from '../catalog/pages.ts';
import { postColumnsAgree } from '../catalog/posts.ts';
import { canonicalJson } from '../seal/canonical-json.ts';
import { type Manifest, readManifest } from '../seal/manifest.ts';
import type { Parts } from './parts.ts';
import { messageOf } from './run-step.ts';
import { describeCapture } from './seal.ts';

export interface Check {
  captureId: string;
  /** What was looked at: `manifest`, `catalog`, or the name of an artifact. */
  subject: string;
  ok: boolean;
  message: string;
}

/** Subject of the one check of a capture that is not closed. */
export const unfinished = 'unfinished';

export const verifyStatement =
  'A pass proves that the files and catalog rows of the closed captures agree with the manifests in the vault. ' +
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
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(captureId)) {
    yield check('manifest', false, 'a record under a name that is no capture id');
    return;
  }
  const bytes = await parts.vault.readRecord('manifests', captureId);
  const outcome = await outcomeOf(parts.database, captureId);
  if (bytes === null) {
    yield outcome === null
      ? check(unfinished, true, 'not closed yet: nothing to compare')
      : check('manifest', false, 'the manifest is missing');
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
    const fault = await faultOf(parts, artifact, signal);
    yield check(artifact.name, fault === null, fault ?? `SHA-256 ${artifact.sha256}`);
  }
  yield await catalogCheck(parts, manifest, outcome !== null, check);
}

/** What is wrong with a stored file; a disk that can't read it is a fault too, not the end of the run. */
async function faultOf(
  parts: Parts,
  { sha256, sizeBytes }: { sha256: string; sizeBytes: number },
  signal?: AbortSignal,
): Promise<string | null> {
  try {
    const found = await parts.vault.rehash(sha256, signal);
    if (found === null) return 'missing from the vault';
    return found.sha256 === sha256 && found.sizeBytes === sizeBytes
      ? null
      : `hashes to ${found.sha256}`;
  } catch (error) {
    signal?.throwIfAborted();
    return `can't be read: ${messageOf(error)}`;
  }
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
    // What only the sealing knew is in no row.
    ...manifest,
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
  if (!(await postColumnsAgree(parts.database, manifest.captureId))) differing.push('post columns');
  for (const { view, body } of await pagesOf(parts.database, manifest.captureId)) {
    const kept = manifest.pages.find((page) => page.view === view)?.textSha256 ?? null;
    const now = createHash('sha256').update(body).digest('hex');
    if (kept !== null && kept !== now) differing.push(`text of the view ${view}`);
  }
  return differing.length === 0
    ? check('catalog', true, 'agrees with the manifest')
    : check('catalog', false, `differs from the manifest in: ${differing.join(', ')}`);
}

/** Every capture that has a manifest in the vault or an outcome in the catalog. */
export async function* verifiableCaptures(parts: Parts): AsyncGenerator<string> {
  const seen = new Set<string>();
  for await (const { name } of parts.vault.records('manifests')) {
    seen.add(name);
    // Whatever else lies in that folder is no capture; \`verifyCapture\` says so.
    yield name;
  }
  const { rows } = await parts.database.query<{ capture_id: string }>(
    'select capture_id from capture_outcomes order by capture_id',
  );
  for (const { capture_id } of rows) if (!seen.has(capture_id)) yield capture_id;
}
