/** Follows what happens in the catalog, from where somebody stopped, for as long as they want. */
import { setTimeout as sleep } from 'node:timers/promises';
import { OutageError, StateError, UsageError } from '../../base/errors.ts';
import { lastPosition, type StreamedEvent, streamAfter } from '../../catalog/event-stream.ts';
import { catalogIdentity } from '../../catalog/migrate.ts';
import type { CatalogEvent } from '../../model/catalog-event.ts';
import type { Parts } from '../parts.ts';

/** How long nothing is asked after nothing was new. */
const pauseMs = 1_000;
const pageSize = 200;

/** A place in the events of one catalog; those of another have an order of their own. */
export interface StreamPlace {
  catalog: string;
  position: number;
}

/**
 * Where following begins: after `since`, at the `beginning`, or, left out, now.
 * @throws UsageError `bad-cursor`; `other-catalog` for a cursor of a catalog that was replaced
 */
export async function placeToFollow(
  { database }: Pick<Parts, 'database'>,
  since?: string,
): Promise<StreamPlace> {
  const catalog = await catalogIdentity(database);
  if (since === undefined) return { catalog, position: await lastPosition(database) };
  if (since === 'beginning') return { catalog, position: 0 };
  const [, of, position] = /^([0-9a-f]{8})\.(\d{1,15})$/.exec(since) ?? [];
  if (of === undefined) {
    throw new UsageError(
      'bad-cursor',
      `"${since.slice(0, 100)}" is not the cursor of an event: use one that an event has, or "beginning"`,
    );
  }
  if (of !== catalog) {
    throw new UsageError(
      'other-catalog',
      `the cursor ${since} belongs to a catalog that was rebuilt or is another one: follow from "beginning"`,
    );
  }
  return { catalog, position: Number(position) };
}

/**
 * Gives every event after this place, in order, then waits for more. Ends when the signal is
 * raised. A database that is away for a moment is waited for.
 * @throws StateError `catalog-replaced`
 */
export async function* followEvents(
  { database, log }: Pick<Parts, 'database' | 'log'>,
  { catalog, position }: StreamPlace,
  signal: AbortSignal,
): AsyncGenerator<CatalogEvent, void, undefined> {
  let after = position;
  const nextPage = async (): Promise<StreamedEvent[]> => {
    const page = await streamAfter(database, after, pageSize);
    // After the page: what a rebuilt catalog has under these positions is something else.
    if ((await catalogIdentity(database)) !== catalog) throw replaced();
    return page;
  };
  while (!signal.aborted) {
    const page = await nextPage().catch((error: unknown) => {
      if (signal.aborted) return [];
      if (!(error instanceof OutageError)) throw error;
      log.warn({ err: error }, 'the catalog is away: asking it again for events');
      return [];
    });
    for (const { position: at, ...event } of page) {
      if (signal.aborted) return;
      after = at;
      yield { cursor: `${catalog}.${at}`, ...event };
    }
    if (page.length === 0) await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

function replaced(): StateError {
  return new StateError(
    'catalog-replaced',
    'the catalog was rebuilt, and its events have a new order: follow from "beginning"',
  );
}
