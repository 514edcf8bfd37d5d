/** The signature in `datapackage-digest.json`, in both forms of WACZ Auth 0.1.0. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import { certificatesIn } from './certificate-path.ts';
import { checkDomain, type DomainSignature, type Trust } from './domain-signature.ts';
import type { Findings } from './findings.ts';

const subject = 'datapackage-digest.json';

const common = {
  hash: z.string(),
  created: z.string(),
  software: z.string(),
  /** Of the format: the standard names it, and makers leave it out. */
  version: z.string().optional(),
  signature: z.string(),
};
const anonymous = z.strictObject({ ...common, publicKey: z.string() });
const domain = z.strictObject({
  ...common,
  domain: z.string(),
  domainCert: z.string(),
  timeSignature: z.string(),
  timestampCert: z.string(),
  crossSignedCert: z.string().nullish(),
});

export interface SignedPackage {
  /** `sha256:<hex>` of `datapackage.json`, as it is. */
  hash: string;
  created: string | null;
}

/** Checks that the bytes were signed with the key that is named, and for a domain whose key that is. */
export async function checkSignature(
  signedData: unknown,
  made: SignedPackage,
  trust: Trust,
  findings: Findings,
): Promise<void> {
  findings.examined('signature');
  const byDomain = read(domain, signedData, findings);
  const data = byDomain ?? read(anonymous, signedData, findings);
  if (data === null) {
    findings.fault('signature', subject, 'signedData has neither of the two known forms');
    return;
  }
  if (data.version === undefined)
    findings.note('signature', subject, 'signedData has no version, which the standard names');
  if (data.hash !== made.hash) {
    findings.fault('signature', subject, `${data.hash} was signed, the package has ${made.hash}`);
  }
  if (made.created !== null && data.created !== made.created) {
    const message = `signed at ${data.created}, packed at ${made.created}: these should be one string`;
    findings.fault('signature', subject, message);
  }
  const key = 'publicKey' in data ? keyOf(data.publicKey) : keyOfDomain(data.domainCert);
  if (key?.asymmetricKeyType !== 'ec') {
    findings.fault('signature', subject, 'there is no readable ECDSA public key');
    return;
  }
  checkBytes(data, key, findings);
  if (byDomain !== null) await checkDomain(byDomain as DomainSignature, trust, findings);
}

/** Null for another form. What a form does not name is told, and looked at no further. */
function read<Data>(
  form: z.ZodObject & z.ZodType<Data>,
  signedData: unknown,
  findings: Findings,
): Data | null {
  const known = form.safeParse(signedData);
  if (known.success) return known.data;
  const more = known.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys : [],
  );
  if (more.length < 1 || more.length > 20 || known.error.issues.length > 1) return null;
  const without = Object.entries(signedData as object).filter(([name]) => !more.includes(name));
  findings.note('signature', subject, `signedData also has ${more.join(', ')}`);
  return form.safeParse(Object.fromEntries(without)).data ?? null;
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
    return certificatesIn(domainCert)[0]?.publicKey ?? null;
  } catch {
    return null;
  }
}
