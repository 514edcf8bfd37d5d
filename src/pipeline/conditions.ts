/** Under which conditions a capture was made: above all, whatever could let somebody forge one. */
import { readManifest } from '../seal/manifest.ts';
import { warningsOf as warningsOfCapture } from '../seal/verify/warnings.ts';
import type { Parts } from './parts.ts';

export function conditionsOf(parts: Pick<Parts, 'config' | 'egress'>): Record<string, unknown> {
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

/** What of it could let somebody forge a capture: kept with every attempt, since each may run elsewhere. */
export function riskyConditions(parts: Parts): Record<string, unknown> {
  const all = conditionsOf(parts);
  return Object.fromEntries(risky.map((name) => [name, all[name]]));
}

const risky = [
  'upstreamProxyHost',
  'extraAuthoritySha256',
  'allowedPrivateRanges',
  'browserSandbox',
] as const;

/**
 * The conditions of a capture whose steps ran in different processes: of each risky one
 * the worst that any attempt had, so that sealing elsewhere hides nothing.
 */
export function worstConditions(
  sealing: Record<string, unknown>,
  attempts: Record<string, unknown>[],
): Record<string, unknown> {
  const all = [sealing, ...attempts];
  const first = (name: string) =>
    all.map((one) => one[name]).find((value) => value != null) ?? null;
  const ranges = all.flatMap(({ allowedPrivateRanges: list }) => (Array.isArray(list) ? list : []));
  return {
    ...sealing,
    upstreamProxyHost: first('upstreamProxyHost'),
    extraAuthoritySha256: first('extraAuthoritySha256'),
    allowedPrivateRanges: [...new Set(ranges)].sort(),
    browserSandbox: all.every((one) => one.browserSandbox !== false),
  };
}

/** What must be said of a closed capture wherever it is shown; empty for one that isn't closed. */
export async function warningsOf(
  parts: Pick<Parts, 'vault'>,
  captureId: string,
): Promise<string[]> {
  const bytes = await parts.vault.readRecord('manifests', captureId);
  if (bytes === null) return [];
  try {
    return warningsOfCapture(readManifest(bytes));
  } catch {
    return ['the manifest in the vault can not be read: run verify'];
  }
}
