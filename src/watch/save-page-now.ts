/**
 * The Wayback Machine's "save page now" interface, version 2: asked once, followed until it
 * says how it went. The sender needs an account there (access key and secret).
 */
import { z } from 'zod';
import { errorCode } from '../base/errors.ts';
import type { HttpClient, HttpRequest } from '../egress/egress.ts';
import { retryAfterMs } from '../egress/pace.ts';
import { askSmall } from '../egress/small-answer.ts';

export type SaveAnswer =
  /** It works on it; ask again. */
  | { kind: 'pending'; jobId: string }
  /** Kept there under this timestamp (14 digits, UTC, their clock). */
  | { kind: 'saved'; timestamp: string; original: string }
  /** It won't, and says why. */
  | { kind: 'refused'; reason: string }
  /** Trouble that may pass. */
  | { kind: 'later'; reason: string; waitMs: number | null };

const host = 'https://web.archive.org';
const timeoutMs = 60_000;
const mostBytes = 256 * 1024;

export async function askToSave(
  client: HttpClient,
  key: string,
  url: string,
  signal: AbortSignal,
): Promise<SaveAnswer> {
  const body = new URLSearchParams({ url, skip_first_archive: '1' }).toString();
  return ask(client, key, signal, {
    url: `${host}/save`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
}

export async function followSave(
  client: HttpClient,
  key: string,
  jobId: string,
  signal: AbortSignal,
): Promise<SaveAnswer> {
  return ask(client, key, signal, { url: `${host}/save/status/${encodeURIComponent(jobId)}` });
}

async function ask(
  client: HttpClient,
  key: string,
  signal: AbortSignal,
  request: Omit<HttpRequest, 'signal'>,
): Promise<SaveAnswer> {
  try {
    const headers = {
      ...{ accept: 'application/json', authorization: `LOW ${key}` },
      ...request.headers,
    };
    const answer = await askSmall(client, { ...request, headers, signal, timeoutMs }, mostBytes);
    if (answer.status === 200) return readSaveAnswer(answer.body.toString());
    if (answer.status === 401 || answer.status === 403)
      return { kind: 'refused', reason: `status-${answer.status}` };
    const waitMs = retryAfterMs(answer.headers, new Date());
    return { kind: 'later', reason: `status-${answer.status}`, waitMs };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'later', reason: errorCode(error), waitMs: null };
  }
}

const answer = z.object({
  status: z.enum(['pending', 'success', 'error']).optional(),
  job_id: z.string().optional(),
  timestamp: z.string().optional(),
  original_url: z.string().optional(),
  status_ext: z.string().optional(),
});

/** What they say of troubles that pass; every other error is their last word. */
const passing = new Set([
  'error:bad-gateway',
  'error:browsing-timeout',
  'error:capture-location-error',
  'error:celery',
  'error:gateway-timeout',
  'error:job-failed',
  'error:proxy-error',
  'error:redis-error',
  'error:service-unavailable',
  'error:soft-time-limit-exceeded',
  'error:too-many-daily-captures',
  'error:too-many-requests',
  'error:user-session-limit',
]);

/** Total: an answer that can't be read is trouble that may pass. */
export function readSaveAnswer(text: string): SaveAnswer {
  const parsed = answer.safeParse(jsonOf(text));
  if (!parsed.success) return { kind: 'later', reason: 'unreadable', waitMs: null };
  const { status, job_id, timestamp, original_url, status_ext } = parsed.data;
  if (status === 'success' && timestamp !== undefined && /^\d{14}$/.test(timestamp))
    return { kind: 'saved', timestamp, original: original_url ?? '' };
  if (status === 'error' || status_ext?.startsWith('error:')) {
    const reason = status_ext ?? 'error:unstated';
    return passing.has(reason)
      ? { kind: 'later', reason, waitMs: null }
      : { kind: 'refused', reason };
  }
  if (job_id !== undefined) return { kind: 'pending', jobId: job_id };
  return { kind: 'later', reason: 'unreadable', waitMs: null };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
