/**
 * Secrets of log-ins at rest: AES-256-GCM under a key of the data folder that encrypts nothing
 * else. What is sealed begins with a line that says what it is, and is nothing else's.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from './disk.ts';
import { IntegrityError } from './errors.ts';
import { writeSynced } from './synced-file.ts';

/** The line that such a file begins with. */
export type SealedKind = 'holdfast-profile/1' | 'holdfast-restricted/1';

const keyBytes = 32;
const ivBytes = 12;
const tagBytes = 16;

/** @throws IntegrityError `profile-key-damaged` */
export async function sealAtRest(
  home: string,
  kind: SealedKind,
  bytes: Uint8Array,
): Promise<Buffer> {
  const magic = beginningOf(kind);
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', await keyOf(home), iv);
  cipher.setAAD(magic);
  const body = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([magic, iv, cipher.getAuthTag(), body]);
}

/** @throws Error where it is none of this kind, was changed, or was sealed under another key; IntegrityError `profile-key-damaged` */
export async function openAtRest(home: string, kind: SealedKind, bytes: Buffer): Promise<Buffer> {
  if (!isSealedAs(kind, bytes)) throw new Error(`not a sealed ${kind}`);
  const magic = beginningOf(kind);
  const at = magic.length;
  const iv = bytes.subarray(at, at + ivBytes);
  const decipher = createDecipheriv('aes-256-gcm', await keyOf(home), iv);
  decipher.setAAD(magic);
  decipher.setAuthTag(bytes.subarray(at + ivBytes, at + ivBytes + tagBytes));
  const body = bytes.subarray(at + ivBytes + tagBytes);
  return Buffer.concat([decipher.update(body), decipher.final()]);
}

export function isSealedAs(kind: SealedKind, bytes: Buffer): boolean {
  const magic = beginningOf(kind);
  return bytes.subarray(0, magic.length).equals(magic);
}

function beginningOf(kind: SealedKind): Buffer {
  return Buffer.from(`${kind}\n`);
}

/** Made on first use; of two who make it at once, one wins and both use that. */
async function keyOf(home: string): Promise<Buffer> {
  const folder = join(home, 'keys');
  const path = join(folder, 'profiles.key');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const key = (await bytesOf(path)) ?? (await makeKey(folder, path));
  if (key.length === keyBytes) return key;
  throw new IntegrityError(
    'profile-key-damaged',
    `${path} is no longer a valid key: restore it from a backup, or remove it and add every profile again; without it, restricted records stay unreadable`,
  );
}

async function makeKey(folder: string, path: string): Promise<Buffer> {
  const aside = join(folder, `.profiles.key.${randomBytes(6).toString('hex')}`);
  await writeSynced(aside, randomBytes(keyBytes), 0o400);
  await link(aside, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(aside, { force: true });
  await syncFolder(folder);
  return readFile(path);
}

/** `null` where there is no such file. */
export async function bytesOf(path: string): Promise<Buffer | null> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
