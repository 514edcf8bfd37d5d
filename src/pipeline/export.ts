/** Hands captures over as plain files: every artifact under its name, the manifest, and a list of digests. */
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { IntegrityError, NotFoundError, UsageError } from '../errors.ts';
import { restrictedRole } from './keep-warc.ts';
import type { Parts } from './parts.ts';
import { showCapture } from './show.ts';

export interface ExportedFiles {
  folder: string;
  files: number;
  sizeBytes: number;
}

/**
 * Writes one capture into `<folder>/<capture id>/`, which must not exist. `SHA256SUMS`
 * can be checked with `sha256sum -c`. Bytes are compared with their digest on the way out.
 * @throws NotFoundError, UsageError `exists`, IntegrityError `stored-bytes-differ`
 */
export async function exportFiles(
  parts: Parts,
  captureId: string,
  folder: string,
  roles: string[] = [],
): Promise<ExportedFiles> {
  const record = await showCapture(parts, captureId);
  if (record === null) throw new NotFoundError('no-capture', `there is no capture ${captureId}`);
  const target = join(folder, captureId);
  await newFolder(target);
  const chosen = record.artifacts.filter(
    ({ role }) => role !== restrictedRole && (roles.length === 0 || roles.includes(role)),
  );
  const sums: string[] = [];
  let sizeBytes = 0;
  for (const artifact of chosen) {
    await writeArtifact(parts, artifact.sha256, safePath(target, artifact.name));
    sums.push(`${artifact.sha256}  ${artifact.name}`);
    sizeBytes += artifact.sizeBytes;
  }
  const manifest = await parts.vault.readRecord('manifests', captureId);
  if (manifest !== null) {
    await writeFile(join(target, 'manifest.json'), manifest, { flag: 'wx' });
    sums.push(`${record.manifestSha256}  manifest.json`);
  }
  await writeFile(join(target, 'capture.json'), `${JSON.stringify(record, null, 2)}\n`, {
    flag: 'wx',
  });
  await writeFile(join(target, 'SHA256SUMS'), sums.map((line) => `${line}\n`).join(''), {
    flag: 'wx',
  });
  return { folder: target, files: chosen.length, sizeBytes };
}

async function newFolder(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UsageError('exists', `${path} is there already; nothing is ever written over`);
  }
}

/** Names come from our own rooms, but a catalog can be tampered with: nothing leaves the folder. */
function safePath(folder: string, name: string): string {
  const path = normalize(join(folder, name));
  if (path.startsWith(folder + sep)) return path;
  throw new IntegrityError(
    'unsafe-name',
    `the artifact name ${JSON.stringify(name)} leaves its folder`,
  );
}

async function writeArtifact(parts: Parts, sha256: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await pipeline(await parts.vault.open(sha256), createWriteStream(path, { flags: 'wx' }));
  const stored = await parts.vault.rehash(sha256);
  if (stored?.sha256 === sha256) return;
  throw new IntegrityError('stored-bytes-differ', `object ${sha256} is not what it was`);
}
