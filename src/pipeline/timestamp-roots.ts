/** Roots that time-stamp authorities are trusted under. */
import { readFile } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';
import { certificatesFromPem } from '../seal/verify/timestamp-token.ts';
import type { Parts } from './parts.ts';

/** Those of the settings, DER; else what this machine trusts for anything. */
export async function timestampRoots(parts: Pick<Parts, 'config'>): Promise<Uint8Array[]> {
  const file = parts.config.seal.tsaRootsFile;
  const pem =
    file === null ? getCACertificates('default').join('\n') : await readFile(file, 'utf8');
  return certificatesFromPem(pem);
}
