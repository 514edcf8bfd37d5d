/** Certificate chains of the origins that a page spoke to, as Chromium saw and accepted them. */
import { X509Certificate } from 'node:crypto';
import { within } from '../base/time-limit.ts';
import type { ProtocolSession } from './protocol.ts';

export interface OriginCertificates {
  origin: string;
  /** The server's own first. */
  chain: {
    sha256: string;
    subject: string;
    issuer: string;
    validFrom: string;
    validTo: string;
    derBase64: string;
  }[];
}

const mostOrigins = 40;

/**
 * The chains of these addresses' origins; Chromium remembers what a session saw that listened
 * before the page went anywhere. Never an error: what isn't known is left out.
 */
export async function certificatesOf(
  session: ProtocolSession,
  urls: string[],
  signal: AbortSignal,
): Promise<OriginCertificates[]> {
  const https = urls.filter((url) => url.startsWith('https:') && URL.canParse(url));
  const origins = [...new Set(https.map((url) => new URL(url).origin))].slice(0, mostOrigins);
  const found = await Promise.all(
    origins.map(async (origin) => {
      const asked = session.send('Network.getCertificate', { origin });
      const answer = await within(2_000, signal, asked).catch(() => ({ tableNames: [] }));
      return { origin, chain: chainOf(answer.tableNames) };
    }),
  );
  return found.filter(({ chain }) => chain.length > 0);
}

/** Empty where one of them is no certificate that Node reads, or has a time that is none. */
function chainOf(tableNames: string[]): OriginCertificates['chain'] {
  try {
    return tableNames.map(described);
  } catch {
    return [];
  }
}

function described(derBase64: string): OriginCertificates['chain'][number] {
  const certificate = new X509Certificate(Buffer.from(derBase64, 'base64'));
  return {
    sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: certificate.subject,
    issuer: certificate.issuer,
    validFrom: certificate.validFromDate.toISOString(),
    validTo: certificate.validToDate.toISOString(),
    derBase64,
  };
}
