/** What happens while somebody looks: events as they come, and how far running captures are. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { openCaptures } from '../catalog/open-captures.ts';
import { followEvents, placeToFollow } from '../pipeline/watching/follow-events.ts';
import type { Archive } from './page.ts';
import { shareDone } from './pages/queue-words.ts';

const lookEveryMs = 1_000;
const heartbeatMs = 15_000;
const mostWatched = 50;

/** Progress is asked for once a second for each reader; events by whoever follows the catalog. */
export function followLive(c: Context, { parts }: Archive): Response {
  const gone = c.req.raw.signal;
  return streamSSE(c, async (stream) => {
    const over = new AbortController();
    const end = () => over.abort();
    gone.addEventListener('abort', end);
    stream.onAbort(end);
    const send = async (event: string, data: object, id?: string) => {
      if (over.signal.aborted) return;
      await stream.writeSSE({ event, data: JSON.stringify(data), ...(id && { id }) });
    };
    try {
      await Promise.all([
        sendEvents(parts, c.req.header('last-event-id'), over.signal, send),
        sendProgress(parts, over.signal, send),
      ]);
    } catch (error) {
      if (!over.signal.aborted) parts.log.warn({ err: error }, 'a live page was cut off');
    } finally {
      over.abort();
      gone.removeEventListener('abort', end);
    }
  });
}

type Send = (event: string, data: object, id?: string) => Promise<void>;

async function sendEvents(
  parts: Archive['parts'],
  since: string | undefined,
  signal: AbortSignal,
  send: Send,
): Promise<void> {
  const place = await placeToFollow(parts, since).catch(() => placeToFollow(parts));
  for await (const { cursor, kind, source, captureId, detail } of followEvents(
    parts,
    place,
    signal,
  )) {
    const state = typeof detail.state === 'string' ? detail.state : null;
    await send('happened', { kind, source, captureId, state }, cursor);
  }
}

async function sendProgress(
  parts: Archive['parts'],
  signal: AbortSignal,
  send: Send,
): Promise<void> {
  let before = '';
  let quietMs = 0;
  while (!signal.aborted) {
    const open = await openCaptures(parts.database, mostWatched).catch(() => []);
    const captures = open.map((one) => ({
      captureId: one.captureId,
      share: shareDone(one),
      ended: one.ended,
      round: one.round,
    }));
    const now = JSON.stringify(captures);
    quietMs += lookEveryMs;
    if (now !== before || quietMs >= heartbeatMs) {
      quietMs = 0;
      before = now;
      await send('progress', { captures });
    }
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}
