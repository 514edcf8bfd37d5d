/** Certificate chains of the origins that a page spoke to, as Chromium saw and accepted them. */
import { X509Certificate } from 'node:crypto';
import type { Page } from 'playwright';
import { within } from '../time-limit.ts';

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

export async function originCertificates(
  page: Page,
  urls: string[],
  signal: AbortSignal,
): Promise<OriginCertificates[]> {
  const https = urls.filter((url) => url.startsWith('https:') && URL.canParse(url));
  const origins = [...new Set(https.map((url) => new URL(url).origin))].slice(0, mostOrigins);
  if (origins.length === 0) return [];
  const session = await within(2_000, signal, page.context().newCDPSession(page)).catch(() => null);
  if (session === null) return [];
  const found = await Promise.all(
    origins.map(async (origin) => {
      const asked = within(2_000, signal, session.send('Network.getCertificate', { origin }));
      const { tableNames } = await asked.catch(() => ({ tableNames: [] as string[] }));
      return { origin, chain: tableNames.map(described) };
    }),
  );
  await session.detach().catch(() => {});
  return found.filter(({ chain }) => chain.length > 0);
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
