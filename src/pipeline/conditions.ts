/** Under which conditions a capture was made: above all, whatever could let somebody forge one. */
import type { Parts } from './parts.ts';

export function conditionsOf(parts: Parts): Record<string, unknown> {
  const { config, egress } = parts;
  return {
    upstreamProxyHost: egress.facts.upstreamHost,
    extraAuthoritySha256: egress.facts.extraCaSha256,
    allowedPrivateRanges: egress.facts.allowedPrivate,
    dnsServers: egress.facts.dnsServers,
    exitLabel: egress.facts.exitLabel,
    browserSandbox: config.tools.chromiumSandbox,
    browserProfile: 'empty',
    recordedBy: 'playwright',
    limits: { ...config.limits },
    operator: config.operator,
  };
}

/** The same, as warnings that every listing and report must show. */
export function conditionWarnings(conditions: Record<string, unknown>): string[] {
  const warnings: string[] = [];
  const { upstreamProxyHost, extraAuthoritySha256, allowedPrivateRanges, browserSandbox } =
    conditions;
  if (typeof upstreamProxyHost === 'string')
    warnings.push(`fetched through the proxy ${upstreamProxyHost}`);
  if (typeof extraAuthoritySha256 === 'string') {
    warnings.push(`trusted an extra authority (SHA-256 ${extraAuthoritySha256})`);
  }
  if (Array.isArray(allowedPrivateRanges) && allowedPrivateRanges.length > 0) {
    warnings.push(`private ranges were allowed: ${allowedPrivateRanges.join(', ')}`);
  }
  if (browserSandbox === false) warnings.push('the browser ran without its sandbox');
  return warnings;
}
