/**
 * Whose signature it is, by WACZ Auth 0.1.0: the certificate is that of the domain, it leads to
 * an authority, and a time stamp over the signature is within ten minutes of `created`. All of it
 * offline: whether a certificate was revoked can't be seen.
 */
import type { X509Certificate } from 'node:crypto';
import { certificatesIn, leadsToRoot } from './certificate-path.ts';
import type { Findings } from './findings.ts';

const subject = 'datapackage-digest.json';
const farthestMs = 10 * 60_000;

export interface DomainSignature {
  created: string;
  signature: string;
  domain: string;
  domainCert: string;
  timeSignature: string;
  timestampCert: string;
  crossSignedCert?: string | null | undefined;
}

export interface Stamp {
  genTime: Date;
  authority: string;
}

/** Whom the reader trusts, and who reads time stamps for them. */
export interface Trust {
  /** PEM of the authorities for domains. */
  domainRoots: readonly string[];
  /** Whether roots of time-stamp authorities were given; without, a stamp shows only what it says. */
  hasStampRoots: boolean;
  /**
   * @param stamp an RFC 3161 answer or token, DER
   * @param data the bytes that it must be over
   * @param certificates PEM of what may lead from its signer to a root
   * @throws Error that says what is wrong with it
   */
  readStamp(stamp: Buffer, data: Buffer, certificates: string): Promise<Stamp>;
}

/** Of who trusts nobody. */
export const noTrust: Trust = {
  domainRoots: [],
  hasStampRoots: false,
  readStamp: async () => {
    throw new Error('time stamps are not read here');
  },
};

export async function checkDomain(
  signed: DomainSignature,
  trust: Trust,
  findings: Findings,
): Promise<void> {
  const createdAt = new Date(signed.created);
  if (Number.isNaN(createdAt.getTime())) {
    findings.fault('signature', subject, `created is not a valid time: ${signed.created}`);
    return;
  }
  const stamp = await stampOf(signed, trust, findings);
  if (stamp !== null) checkMoment(createdAt, stamp, findings);
  checkCertificates(signed, stamp?.genTime ?? createdAt, trust, findings);
}

async function stampOf(
  { timeSignature, timestampCert, signature }: DomainSignature,
  trust: Trust,
  findings: Findings,
): Promise<Stamp | null> {
  const bytes = Buffer.from(timeSignature, 'base64');
  try {
    const stamp = await trust.readStamp(bytes, Buffer.from(signature), timestampCert);
    if (!trust.hasStampRoots) {
      const message = `the time stamp says ${stamp.genTime.toISOString()} in the name of ${stamp.authority}, which was not followed to an authority: no roots were given (--tsa-roots)`;
      findings.note('signature', subject, message);
    }
    return stamp;
  } catch (error) {
    findings.fault('signature', subject, `the time stamp is not good: ${(error as Error).message}`);
    return null;
  }
}

function checkMoment(createdAt: Date, { genTime }: Stamp, findings: Findings): void {
  if (Math.abs(genTime.getTime() - createdAt.getTime()) <= farthestMs) return;
  const message = `created at ${createdAt.toISOString()}, stamped at ${genTime.toISOString()}: more than ten minutes apart`;
  findings.fault('signature', subject, message);
}

function checkCertificates(
  signed: DomainSignature,
  at: Date,
  { domainRoots }: Trust,
  findings: Findings,
): void {
  try {
    for (const message of faultsOf(signed, domainRoots.flatMap(certificatesIn), at))
      findings.fault('signature', subject, message);
  } catch (error) {
    const message = `a certificate can't be read: ${(error as Error).message}`;
    findings.fault('signature', subject, message);
  }
}

/** @throws Error where a certificate can't be read */
function* faultsOf(
  { domain, domainCert, crossSignedCert }: DomainSignature,
  roots: X509Certificate[],
  at: Date,
): Generator<string> {
  const between = certificatesIn(`${domainCert}\n${crossSignedCert ?? ''}`);
  const [leaf] = certificatesIn(domainCert);
  const [other] = certificatesIn(crossSignedCert ?? '');
  if (leaf === undefined) throw new Error('domainCert holds none');
  if (!isOf(leaf, domain)) yield `the certificate is not one for ${domain}: ${namesOf(leaf)}`;
  if (other !== undefined && !other.publicKey.equals(leaf.publicKey))
    yield 'crossSignedCert is for another key than domainCert';
  const leaves = [leaf, ...(other !== undefined && isOf(other, domain) ? [other] : [])];
  if (leaves.some((one) => leadsToRoot({ leaf: one, between, roots, at }))) return;
  yield `the certificate for ${domain} leads to no authority that is known here as of ${at.toISOString()}: anybody can make such a one`;
}

function isOf(certificate: X509Certificate, domain: string): boolean {
  return /^[a-z0-9.-]+$/i.test(domain) && certificate.checkHost(domain) !== undefined;
}

function namesOf({ subject: name, subjectAltName }: X509Certificate): string {
  return [name, subjectAltName].filter(Boolean).join('; ').replaceAll('\n', ', ').slice(0, 200);
}
