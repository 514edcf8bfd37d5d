/** Whatever could let somebody forge a capture, or makes it no evidence at all, in plain words. */
import type { SealedCapture } from './sealed-records.ts';

/** The log of every demonstration. */
export const demoOrigin = 'demo.invalid';

export const demonstration = 'DEMONSTRATION: made by the demo, evidence of nothing';

export function warningsOf({
  environment,
  conditions,
}: Pick<SealedCapture, 'environment' | 'conditions'>): string[] {
  const { upstreamProxyHost, extraAuthoritySha256, allowedPrivateRanges, browserSandbox } =
    conditions;
  const warnings: string[] = [];
  if (environment !== 'live') warnings.push(demonstration);
  if (typeof upstreamProxyHost === 'string')
    warnings.push(`fetched through the proxy ${upstreamProxyHost}`);
  if (typeof extraAuthoritySha256 === 'string')
    warnings.push(`trusted an extra authority (SHA-256 ${extraAuthoritySha256})`);
  if (Array.isArray(allowedPrivateRanges) && allowedPrivateRanges.length > 0)
    warnings.push(`private ranges were allowed: ${allowedPrivateRanges.join(', ')}`);
  if (browserSandbox === false) warnings.push('the browser ran without its sandbox');
  return warnings;
}
