/** Readings: what one answer of one route says, first of all about the way to the origin. */
import type { Answer, Reading, Signal } from '../../platform.ts';
import type { PostClaims } from '../claims/claims.ts';

/** A reading of one route's answer, with the post it holds where it holds one. */
export interface RouteReading extends Reading {
  claims: PostClaims | null;
  /** How long the origin asks to wait; only with `rate-limited`. */
  retryAfterMs?: number;
}

const minuteMs = 60_000;
const longestWaitMs = 24 * 60 * minuteMs;

/** The reading when the transport failed; `null` when there is content to be read. */
export function transportReading(answer: Answer): RouteReading | null {
  if (answer.status === 429) {
    return { ...read(answer, 'rate-limited'), retryAfterMs: askedToWaitMs(answer) };
  }
  const signal = transportSignal(answer);
  return signal === null ? null : read(answer, signal, answer.failure);
}

export function read(
  answer: Answer,
  signal: Signal,
  statement: string | null = null,
): RouteReading {
  return { route: answer.route, signal, statement, answer, claims: null };
}

/** A record of another post than the one asked for is refused, whatever it says. */
export function otherPost(answer: Answer, asked: string, got: string): RouteReading {
  const message = `${answer.route} was asked for post ${asked} and answered with post ${got}; its answer is kept but not used`;
  return {
    ...read(answer, 'extractor-broken', `post ${got}`),
    warning: { code: 'identity-mismatch', message },
  };
}

function transportSignal({ status, failure }: Answer): Signal | null {
  if (failure === 'too-large') return 'extractor-broken';
  if (status === null || status === 408 || status >= 500) return 'unreachable';
  if (status === 403) return 'blocked';
  // RFC 7725: unavailable for legal reasons.
  return status === 451 ? 'legal-withheld' : null;
}

/** `Retry-After` in seconds or as a date, or X's `x-rate-limit-reset` in epoch seconds; a minute where neither is there. */
export function askedToWaitMs(answer: Answer): number {
  const now = answer.observedAt.getTime();
  const resetSeconds = Number(headerOf(answer, 'x-rate-limit-reset') ?? Number.NaN);
  const retryAfter = headerOf(answer, 'retry-after') ?? '';
  const asked = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - now;
  const waits = [asked, resetSeconds * 1000 - now].filter((wait) => Number.isFinite(wait));
  const waitMs = waits.length === 0 ? minuteMs : Math.max(...waits, 1000);
  return Math.min(Math.ceil(waitMs), longestWaitMs);
}

export function headerOf(answer: Answer, wanted: string): string | undefined {
  return answer.headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}

/** The body as JSON, or `undefined` when it isn't JSON. */
export function jsonOf(answer: Answer): unknown {
  try {
    return JSON.parse(answer.body.toString('utf8'));
  } catch {
    return undefined;
  }
}
