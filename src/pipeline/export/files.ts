/** Hands captures over as plain files: every artifact under its name, the manifest, and a list of digests. */

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { IntegrityError, NotFoundError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { ordersOver } from '../../catalog/removals.ts';
import type { CaptureRecord } from '../../model/capture-record.ts';
import type { ExportedFiles } from '../../model/exported-files.ts';
import { showCapture } from '../answers/show.ts';
import type { Parts } from '../parts.ts';
import { restrictedRole } from '../warc-parts.ts';
import { refuseBadNames, sumLine } from './artifact-names.ts';
import { recordWithin } from './handed-order.ts';
import { refuseIfThere } from './target.ts';

const manifestName = 'manifest.json';
const recordName = 'capture.json';
const sumsName = 'SHA256SUMS';

export interface ChosenFiles {
  roles?: string[] | undefined;
  /** The case that it is handed over with; the one it was first kept for where left out. */
  ofCase?: string | undefined;
}

/**
 * Writes one capture into `<folder>/<capture id>/`, which must not exist. `SHA256SUMS`
 * can be checked with `sha256sum -c`. What is written is hashed on its way out; the folder
 * gets its name when all of it is there, and after a fault there is none.
 * @param chosen only artifacts of these roles, all where none is named; as a capture of which case
 * @throws NotFoundError, UsageError `exists`, `inside-bundle`, IntegrityError `stored-bytes-differ`, `unsafe-name`, `names-clash`
 */
export async function exportFiles(
  parts: Parts,
  captureId: string,
  folder: string,
  { roles = [], ofCase }: ChosenFiles = {},
  signal?: AbortSignal,
): Promise<ExportedFiles> {
  const shown = await showCapture(parts, captureId);
  if (shown === null) throw new NotFoundError('no-capture', `there is no capture ${captureId}`);
  // What is handed over says nothing of other cases.
  const record = recordWithin(shown, [ofCase ?? shown.submission.case]);
  const target = join(folder, captureId);
  await refuseIfThere(target);
  await makeFolder(folder);
  const making = await mkdtemp(`${target}.making-`);
  try {
    const written = await writeCapture(parts, record, making, roles, signal);
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
  signal?: AbortSignal,
): Promise<Omit<ExportedFiles, 'folder'>> {
  const chosen = record.artifacts.filter(
    ({ role }) => role !== restrictedRole && (roles.length === 0 || roles.includes(role)),
  );
  refuseBadNames(
    chosen.map(({ name }) => name),
    [manifestName, recordName, sumsName],
  );
  const removed = await removedByOrder(parts, chosen);
  const sums: string[] = [];
  let sizeBytes = 0;
  for (const artifact of chosen) {
    if (removed.has(artifact.sha256)) continue;
    await writeArtifact(parts, artifact.sha256, join(folder, artifact.name), signal);
    sums.push(sumLine(artifact.sha256, artifact.name));
    sizeBytes += artifact.sizeBytes;
  }
  const write = (name: string, bytes: Buffer | string) =>
    writeFile(join(folder, name), bytes, { flag: 'wx' });
  const manifest = await parts.vault.readRecord('manifests', record.id);
  if (manifest !== null) {
    await write(manifestName, manifest);
    sums.push(sumLine(record.manifestSha256 ?? '', manifestName));
  }
  await write(recordName, `${JSON.stringify(record, null, 2)}\n`);
  await write(sumsName, sums.join(''));
  const gone = chosen.filter(({ sha256 }) => removed.has(sha256)).map(({ name }) => name);
  return { files: chosen.length - gone.length, sizeBytes, removed: gone };
}

/** SHA-256 of those that an order explains the lack of; whatever else is missing is a fault. */
async function removedByOrder(
  { database, vault }: Pick<Parts, 'database' | 'vault'>,
  artifacts: { sha256: string }[],
): Promise<ReadonlySet<string>> {
  const orders = await ordersOver(
    database,
    artifacts.map(({ sha256 }) => sha256),
  );
  const removed = new Set<string>();
  for (const sha256 of orders.keys()) if (!(await vault.has(sha256))) removed.add(sha256);
  return removed;
}

async function writeArtifact(
  parts: Pick<Parts, 'vault'>,
  sha256: string,
  path: string,
  signal?: AbortSignal,
): Promise<void> {
  await makeFolder(dirname(path));
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
    { signal },
  );
  if (hash.digest('hex') === sha256) return;
  throw new IntegrityError('stored-bytes-differ', `object ${sha256} is not what it was`);
}
