/** Whether a certificate leads to an authority, each one on the way signed by the next and valid at that moment. */
import { X509Certificate } from 'node:crypto';

const longestPath = 8;
const mostCertificates = 50;

/** Every certificate of a PEM text, in its order. @throws Error where one can't be read */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length > mostCertificates)
    throw new RangeError(`more than ${mostCertificates} certificates`);
  return blocks.map((block) => new X509Certificate(block));
}

export interface PathQuestion {
  leaf: X509Certificate;
  /** Trusted by nobody: only steps on the way. */
  between: X509Certificate[];
  roots: X509Certificate[];
  at: Date;
}

export function leadsToRoot({ leaf, between, roots, at }: PathQuestion): boolean {
  const tried = new Set<string>();
  const follow = (from: X509Certificate, steps: number): boolean => {
    if (steps > longestPath || tried.has(from.fingerprint256) || !isValid(from, at)) return false;
    tried.add(from.fingerprint256);
    if (roots.some((root) => isIssuedBy(from, root))) return true;
    return between.some((next) => isIssuedBy(from, next) && follow(next, steps + 1));
  };
  return follow(leaf, 1);
}

function isValid({ validFromDate, validToDate }: X509Certificate, at: Date): boolean {
  return validFromDate <= at && at <= validToDate;
}

function isIssuedBy(one: X509Certificate, issuer: X509Certificate): boolean {
  if (one.fingerprint256 === issuer.fingerprint256) return false;
  return issuer.ca && one.checkIssued(issuer) && one.verify(issuer.publicKey);
}
