/** What a disk does to us: its errors in our words, and writes that outlast a power cut. */
import { open, statfs } from 'node:fs/promises';
import { StorageError } from './errors.ts';

const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const readOnly = new Set(['EROFS', 'EACCES', 'EPERM']);

/** Runs one piece of disk work; a full, read-only or failing disk becomes a StorageError. */
export async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw storageMeaning(error);
  }
}

export function storageMeaning(error: unknown): unknown {
  const code = errno(error);
  if (code === undefined) return error;
  const cause = { cause: error };
  if (full.has(code)) {
    return new StorageError('disk-full', `the vault's disk is full (${code})`, cause);
  }
  if (readOnly.has(code)) {
    return new StorageError('vault-read-only', `the vault can't be written to (${code})`, cause);
  }
  if (code === 'EIO') {
    return new StorageError('disk-failing', "the vault's disk reports an error (EIO)", cause);
  }
  return error;
}

/**
 * So much of the disk is for records only: however full it gets, what happened can still be
 * written down, and a capture be closed as what it is.
 */
const roomForRecordsBytes = 1024 * 1024;

/** @throws StorageError `disk-full` when an object would take the room that is for records */
export async function leaveRoom(folder: string): Promise<void> {
  const { bavail, bsize } = await onDisk(statfs(folder));
  if (bavail * bsize >= roomForRecordsBytes) return;
  throw new StorageError('disk-full', "what is left of the vault's disk is kept for manifests");
}

/** A name is on disk only when its folder is: without this a power cut may undo a link. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function errno(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
