/**
 * The keys that sign the log. Private ones are files in the data folder, 0400, and leave it
 * never; public ones are records in the vault (`0001`, `0002` …), the last one in use.
 * The name in them is the origin of the log, so it outlives any catalog.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../base/disk.ts';
import { IntegrityError, StateError } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import { writeSynced } from '../base/synced-file.ts';
import type { Vault } from '../vault/vault.ts';
import { type NoteSigner, vkeyOf } from './note-signing.ts';

export interface PublicKey {
  /** Place among the keys of this log, from 1. */
  number: number;
  /** `name+id+key`, as the signed-note specification has it. */
  vkey: string;
  /** The origin of the log. */
  name: string;
  /** Eight hex digits. */
  id: string;
}

export async function publicKeys(vault: Vault): Promise<PublicKey[]> {
  const keys: PublicKey[] = [];
  for await (const { name: record, bytes } of vault.records('keys')) {
    const vkey = bytes.toString('utf8').trim();
    const [name = '', id = ''] = vkey.split('+');
    if (!/^\d{4}$/.test(record) || !/^[0-9a-f]{8}$/.test(id)) {
      throw new IntegrityError(
        'key-unreadable',
        `the public key ${record} in the vault is not a valid key`,
      );
    }
    keys.push({ number: Number(record), vkey, name, id });
  }
  return keys;
}

/**
 * Who signs now; the first key is made where there is none. Call it with the log taken.
 * @throws StateError `signing-key-missing` where the key lies on another machine
 */
export async function currentSigner(
  vault: Vault,
  folder: string,
  origin: string,
): Promise<NoteSigner> {
  const newest = (await publicKeys(vault)).at(-1);
  if (newest === undefined) {
    const signer = await makeSigner(folder, origin);
    await publishKey(vault, 1, vkeyOf(signer));
    return signer;
  }
  const key = await privateKey(folder, newest.id);
  if (key === null) throw missing(folder, newest);
  return { name: newest.name, key };
}

/** A new key, kept in the folder and known to nobody else yet. */
export async function makeSigner(folder: string, origin: string): Promise<NoteSigner> {
  const { privateKey: key } = generateKeyPairSync('ed25519');
  const signer = { name: origin, key };
  await savePrivateKey(folder, idOf(vkeyOf(signer)), key);
  return signer;
}

/** From now on this key signs. */
export async function publishKey(vault: Vault, number: number, vkey: string): Promise<void> {
  await vault.keepRecord('keys', String(number).padStart(4, '0'), `${vkey}\n`);
}

/** The public half as `openssl` reads it. */
export function publicPem(vkey: string): string {
  const bytes = Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').subarray(1);
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') },
    format: 'jwk',
  });
  return String(key.export({ type: 'spki', format: 'pem' }));
}

/** The private key of an id; `null` when it is not in this folder. */
export async function privateKey(folder: string, id: string): Promise<KeyObject | null> {
  try {
    return createPrivateKey(await readFile(pathOf(folder, id)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** A key that was replaced and has signed its last checkpoint is of no use but to a thief. */
export async function removePrivate(folder: string, id: string): Promise<void> {
  await rm(pathOf(folder, id), { force: true });
  await syncFolder(folder);
}

async function savePrivateKey(folder: string, id: string, key: KeyObject): Promise<void> {
  await makeFolder(folder, 0o700);
  await writeSynced(pathOf(folder, id), key.export({ type: 'pkcs8', format: 'pem' }), 0o400);
  await syncFolder(folder);
}

function pathOf(folder: string, id: string): string {
  return join(folder, `log-${id}.pem`);
}

function idOf(vkey: string): string {
  return vkey.split('+')[1] ?? '';
}

function missing(folder: string, key: PublicKey): StateError {
  return new StateError(
    'signing-key-missing',
    `this machine does not have the key ${key.id} that signs the log ${key.name}: ` +
      `checkpoints are made where ${folder}/log-${key.id}.pem lies; put it back from a backup if it is lost`,
  );
}
