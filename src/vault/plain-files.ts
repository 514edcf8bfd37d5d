/** Plain files of the vault: opened, read, hashed and linked as what they are, whatever lies in their place. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open } from 'node:fs/promises';
import { errno, storageMeaning } from '../base/disk.ts';
import { IntegrityError, PermanentError } from '../base/errors.ts';
import type { PutOptions, StoredObject } from './vault.ts';

export const chunkBytes = 1024 * 1024;
const smallestBuffer = 4096;

/**
 * What lies in the vault may be anybody's: a pipe would never end, a folder ends in the system's
 * words, and a link leads to what others can change.
 * @throws IntegrityError `not-a-file`
 */
export async function openPlain(path: string): Promise<FileHandle> {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  const handle = await open(path, flags).catch((error: unknown) => {
    throw errno(error) === 'ELOOP' ? notPlain(path) : error;
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw notPlain(path);
}

function notPlain(path: string): IntegrityError {
  return new IntegrityError('not-a-file', `${path} is not a plain file`);
}

/** @returns false when the name is taken */
export async function linkOnce(path: string, target: string): Promise<boolean> {
  try {
    await link(path, target);
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    throw storageMeaning(error);
  }
}

export async function hashFile(
  handle: FileHandle,
  options: PutOptions,
  onChunk?: (chunk: Uint8Array) => void,
): Promise<StoredObject> {
  const hash = createHash('sha256');
  // One buffer for the whole file: a stream makes a new one a chunk, and they gather. No larger
  // than the file, for most are small and read again whenever the same bytes come.
  const { size } = await handle.stat();
  const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, Math.max(size, smallestBuffer)));
  let sizeBytes = 0;
  for (;;) {
    options.signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, sizeBytes);
    if (bytesRead === 0) return { sha256: hash.digest('hex'), sizeBytes };
    hash.update(buffer.subarray(0, bytesRead));
    onChunk?.(buffer.subarray(0, bytesRead));
    sizeBytes += bytesRead;
    options.onBytes?.(sizeBytes);
  }
}

/** @throws PermanentError `too-large` */
export function refuseBeyond(maxBytes: number | undefined, sizeBytes: number): void {
  if (maxBytes === undefined || sizeBytes <= maxBytes) return;
  throw new PermanentError('too-large', `more than the ${maxBytes} bytes that are allowed here`);
}

export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
