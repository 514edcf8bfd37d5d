/** What is asked of others for the seal and did not come: when it is asked again, and who is told. */

import { HoldfastError } from '../../base/errors.ts';
import type { NewEvent } from '../../catalog/events.ts';
import {
  type DueTimestamp,
  postponeTimestamp,
  unscheduleTimestamp,
} from '../../catalog/timestamp-schedule.ts';
import { noteEvents, withRecords } from '../keep-record.ts';
import type { Parts } from '../parts.ts';
import { messageOf } from '../run-step.ts';

const longestWaitMs = 60 * 60_000;
const firstWaitMs = 10_000;

/** Later each time, up to an hour. Somebody is told when the reason is a new one. */
export async function postpone(
  parts: Pick<Parts, 'database' | 'log' | 'vault'>,
  due: DueTimestamp,
  error: unknown,
): Promise<void> {
  const code = error instanceof HoldfastError ? error.code : faultOf(error);
  const failure = `${code}: ${messageOf(error)}`.slice(0, 500);
  if (code === 'token-left-behind') {
    await unscheduleTimestamp(parts.database, due.size, due.authority);
    return;
  }
  const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(due.tries, 12));
  await postponeTimestamp(parts.database, due, failure, new Date(Date.now() + waitMs));
  parts.log.warn({ ...due, failure }, 'no timestamp');
  if (due.failure?.startsWith(`${code}:`)) return;
  const kind = code === 'clock-suspect' ? 'clock.suspect' : 'timestamp.failed';
  const event: NewEvent = {
    kind,
    sourceKey: null,
    detail: { authority: due.authority, checkpoint: due.size, code, message: messageOf(error) },
    at: new Date(),
  };
  await withRecords(parts, (tx) => noteEvents(parts, tx, [event]));
}

/** Faults that the verifier names carry no code of ours. */
function faultOf(error: unknown): string {
  return error instanceof Error && 'fault' in error ? `token-${String(error.fault)}` : 'unexpected';
}
