/** Whom `verify-wacz` trusts: for domains the authorities that every client knows, for time those that the reader names. */
import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { UsageError } from '../../base/errors.ts';
import { tokenIn } from '../../seal/timestamp-request.ts';
import { certificatesFromPem, verifyToken } from '../../seal/verify/formats/timestamp-token.ts';
import type { Trust } from '../../warc/check/domain-signature.ts';

export interface WaczTrustFlags {
  tsaRoots?: string;
  domainRoots?: string;
}

/** @throws UsageError `no-certificates` */
export async function waczTrust({ tsaRoots, domainRoots }: WaczTrustFlags): Promise<Trust> {
  const roots = tsaRoots === undefined ? null : certificatesFromPem(await pemFrom(tsaRoots));
  const own = domainRoots === undefined ? [] : [await pemFrom(domainRoots)];
  return {
    domainRoots: [...rootCertificates, ...own],
    hasStampRoots: roots !== null,
    readStamp(stamp, data, pem) {
      const certificates = certificatesFromPem(pem);
      return verifyToken({ token: tokenOf(stamp), data, roots, certificates });
    },
  };
}

/** What is handed on is the whole answer of the authority, or the token in it. */
function tokenOf(stamp: Uint8Array): Uint8Array {
  try {
    return tokenIn(stamp);
  } catch {
    return stamp;
  }
}

async function pemFrom(path: string): Promise<string> {
  const pem = await readFile(path, 'utf8').catch((error: Error) => {
    throw new UsageError('no-certificates', `${path} can't be read: ${error.message}`);
  });
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
  throw new UsageError('no-certificates', `${path} holds no certificate in PEM form`);
}
