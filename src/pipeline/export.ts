/** Hands captures over as plain files: every artifact under its name, the manifest, and a list of digests. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { CaptureRecord } from '../catalog/show.ts';
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
 * can be checked with `sha256sum -c`. What is written is hashed on its way out; the folder
 * gets its name when all of it is there, and after a fault there is none.
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
  await mkdir(folder, { recursive: true });
  await refuseIfThere(target);
  const making = await mkdtemp(`${target}.making-`);
  try {
    const written = await writeCapture(parts, record, making, roles);
    await chmod(making, 0o777 & ~process.umask());
    await rename(making, target).catch(async (error: unknown) => {
      await refuseIfThere(target);
      throw error;
    });
    return { folder: target, ...written };
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

async function writeCapture(
  parts: Parts,
  record: CaptureRecord,
  folder: string,
  roles: string[],
): Promise<Omit<ExportedFiles, 'folder'>> {
  const chosen = record.artifacts.filter(
    ({ role }) => role !== restrictedRole && (roles.length === 0 || roles.includes(role)),
  );
  const sums: string[] = [];
  let sizeBytes = 0;
  for (const artifact of chosen) {
    await writeArtifact(parts, artifact.sha256, safePath(folder, artifact.name));
    sums.push(`${artifact.sha256}  ${artifact.name}`);
    sizeBytes += artifact.sizeBytes;
  }
  const write = (name: string, bytes: Buffer | string) =>
    writeFile(join(folder, name), bytes, { flag: 'wx' });
  const manifest = await parts.vault.readRecord('manifests', record.id);
  if (manifest !== null) {
    await write('manifest.json', manifest);
    sums.push(`${record.manifestSha256}  manifest.json`);
  }
  await write('capture.json', `${JSON.stringify(record, null, 2)}\n`);
  await write('SHA256SUMS', sums.map((line) => `${line}\n`).join(''));
  return { files: chosen.length, sizeBytes };
}

async function refuseIfThere(path: string): Promise<void> {
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new UsageError('exists', `${path} is there already; nothing is ever written over`);
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
  const hash = createHash('sha256');
  await pipeline(
    await parts.vault.open(sha256),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path, { flags: 'wx' }),
  );
  if (hash.digest('hex') === sha256) return;
  throw new IntegrityError('stored-bytes-differ', `object ${sha256} is not what it was`);
}
