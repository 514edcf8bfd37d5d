/** What hosts said to the browser about waiting holds for our own client too. */
import { retryAfterMs } from '../../egress/pace.ts';
import type { RecordedExchange } from '../../warc/exchange.ts';
import type { Parts } from '../parts.ts';

/** Where a host asks to wait without saying how long. */
const unsaidMs = 60_000;

/** 429, or 503 with Retry-After (RFC 9110 section 10.2.3, RFC 6585 section 4). */
export function isLimited({ response, finishedAt, startedAt }: RecordedExchange): boolean {
  if (response?.status === 429) return true;
  const at = new Date(finishedAt ?? startedAt);
  return response?.status === 503 && retryAfterMs(response.headers, at) !== null;
}

/** Nobody here asks a host that sent the browser away, until it may be asked again. */
export async function waitWhereBrowserWasAsked(
  { pace }: Pick<Parts, 'pace'>,
  exchanges: RecordedExchange[],
): Promise<void> {
  const waits = new Map<string, number>();
  for (const exchange of exchanges.filter(isLimited)) {
    const { hostname } = new URL(exchange.url);
    waits.set(hostname, Math.max(waits.get(hostname) ?? 0, stillToWaitMs(exchange)));
  }
  for (const [host, ms] of waits) if (ms > 0) await pace.pushBack(host, ms);
}

function stillToWaitMs({ response, finishedAt, startedAt }: RecordedExchange): number {
  const saidAt = new Date(finishedAt ?? startedAt);
  const askedMs = retryAfterMs(response?.headers ?? [], saidAt) ?? unsaidMs;
  return askedMs - (Date.now() - saidAt.getTime());
}
