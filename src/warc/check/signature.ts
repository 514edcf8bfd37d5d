/** The signature in `datapackage-digest.json`, in both forms of WACZ Auth 0.1.0. */
import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { Findings } from './findings.ts';

const subject = 'datapackage-digest.json';

const common = {
  hash: z.string(),
  created: z.string(),
  software: z.string(),
  signature: z.string(),
};
const anonymous = z.object({ ...common, publicKey: z.string(), version: z.string() });
const domain = z.object({
  ...common,
  domain: z.string(),
  domainCert: z.string(),
  timeSignature: z.string(),
  timestampCert: z.string(),
});

export interface SignedPackage {
  /** `sha256:<hex>` of `datapackage.json`, as it is. */
  hash: string;
  created: string | null;
}

/** Checks that the bytes were signed with the key that is named. Whose key that is, it can't say. */
export function checkSignature(signedData: unknown, made: SignedPackage, findings: Findings): void {
  findings.examined('signature');
  const byKey = anonymous.safeParse(signedData).data;
  const byDomain = domain.safeParse(signedData).data;
  const data = byDomain ?? byKey;
  if (data === undefined) {
    findings.fault('signature', subject, 'signedData has neither of the two known forms');
    return;
  }
  if (data.hash !== made.hash) {
    findings.fault('signature', subject, `${data.hash} was signed, the package has ${made.hash}`);
  }
  if (made.created !== null && data.created !== made.created) {
    const message = `signed at ${data.created}, packed at ${made.created}: these should be one string`;
    findings.fault('signature', subject, message);
  }
  const key = byDomain ? keyOfDomain(byDomain.domainCert) : keyOf(byKey?.publicKey ?? '');
  if (key?.asymmetricKeyType !== 'ec') {
    findings.fault('signature', subject, 'there is no readable ECDSA public key');
    return;
  }
  checkBytes(data, key, findings);
  if (byDomain) {
    const note = `the certificate for ${byDomain.domain} and the time stamp were not followed to an authority`;
    findings.note('signature', subject, note);
  }
}

function checkBytes(
  { hash, signature }: { hash: string; signature: string },
  key: KeyObject,
  findings: Findings,
): void {
  const holds = (dsaEncoding: 'ieee-p1363' | 'der') =>
    verify('sha256', Buffer.from(hash), { key, dsaEncoding }, Buffer.from(signature, 'base64'));
  if (holds('ieee-p1363')) {
    if (key.asymmetricKeyDetails?.namedCurve === 'secp384r1') return;
    findings.note('signature', subject, 'it is good; replayers that know only P-384 reject it');
  } else if (holds('der')) {
    findings.note('signature', subject, 'it is good, in the DER form that replayers may reject');
  } else {
    findings.fault('signature', subject, 'it is not a signature over this package by this key');
  }
}

function keyOf(spki: string): KeyObject | null {
  try {
    return createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}

function keyOfDomain(domainCert: string): KeyObject | null {
  try {
    return new X509Certificate(domainCert).publicKey;
  } catch {
    return null;
  }
}
