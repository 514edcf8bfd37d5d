/** Roots that timestamp authorities are trusted under. */
import { readFile } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';
import { ConfigError } from '../../base/errors.ts';
import { certificatesFromPem } from '../../seal/verify/formats/timestamp-token.ts';
import type { Parts } from '../parts.ts';

/** Those of the settings, DER; else what this machine trusts for anything. @throws ConfigError */
export async function timestampRoots(parts: Pick<Parts, 'config'>): Promise<Uint8Array[]> {
  return certificatesFromPem((await chosenRoots(parts)) ?? getCACertificates('default').join('\n'));
}

/** Those of the settings, PEM; `null` where none are named. @throws ConfigError */
export async function chosenRoots({ config }: Pick<Parts, 'config'>): Promise<string | null> {
  const file = config.seal.tsaRootsFile;
  if (file === null) return null;
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([`HOLDFAST_TSA_ROOTS: ${file} can't be read (${error.code})`]);
  });
}
