/** What happens while somebody looks: events as they come, and how far running captures are. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { waitingJobCount } from '../catalog/derive-jobs.ts';
import { unfinishedCount } from '../catalog/feeder.ts';
import { openCaptures } from '../catalog/open-captures.ts';
import type { CaptureState } from '../model/capture-record.ts';
import { followEvents, placeToFollow } from '../pipeline/watching/follow-events.ts';
import type { Archive } from './page.ts';
import { howMany, shareDone, standing } from './pages/queue-words.ts';
import type { Words } from './words/words.ts';

const lookEveryMs = 1_000;
const heartbeatMs = 15_000;
/** As many as the page of the queue shows. */
const mostWatched = 200;

/** Progress is asked for once a second for each reader; events by whoever follows the catalog. */
export function followLive(c: Context, { parts }: Archive, words: Words): Response {
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
        sendEvents(parts, words, c.req.header('last-event-id'), over.signal, send),
        sendProgress(parts, words, over.signal, send),
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
  words: Words,
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
    const word = words.states[state as CaptureState] ?? null;
    await send('happened', { kind, source, captureId, state, word }, cursor);
  }
}

async function sendProgress(
  parts: Archive['parts'],
  words: Words,
  signal: AbortSignal,
  send: Send,
): Promise<void> {
  let before = '';
  let quietMs = 0;
  while (!signal.aborted) {
    // A catalog that is away for a moment says nothing of any capture.
    const progress = await progressOf(parts, words).catch(() => null);
    const now = progress === null ? before : JSON.stringify(progress);
    quietMs += lookEveryMs;
    if (progress !== null && (now !== before || quietMs >= heartbeatMs)) {
      quietMs = 0;
      before = now;
      await send('progress', progress);
    }
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

async function progressOf({ database }: Archive['parts'], words: Words): Promise<object> {
  const open = await openCaptures(database, mostWatched);
  const isAll = open.length < mostWatched;
  const count = isAll ? open.length : await unfinishedCount(database);
  return {
    captures: open.map((one) => ({
      captureId: one.captureId,
      share: shareDone(one),
      standing: standing(one, words),
    })),
    isAll,
    howMany: howMany(words, count, await waitingJobCount(database)),
  };
}
