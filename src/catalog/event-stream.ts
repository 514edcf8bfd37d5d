/** What happened, in the order in which it became visible: events, and captures that were closed. */
import type { CatalogEvent } from '../model/catalog-event.ts';
import { mostDifferences, type Schemas, type TableDifference } from './compare-tables.ts';
import { escapeIdentifier, type Queryable } from './database.ts';

export interface StreamedEvent extends Omit<CatalogEvent, 'cursor'> {
  position: number;
}

/** After this position, in order. */
export async function streamAfter(
  db: Queryable,
  position: number,
  limit: number,
): Promise<StreamedEvent[]> {
  const { rows } = await db.query<StreamedEvent>(
    `select stream.position, coalesce(events.id, closed.capture_id) as id,
       coalesce(events.kind, 'capture.closed') as kind,
       coalesce(events.source_key, closed.source_key) as source,
       coalesce(events.capture_id, closed.capture_id) as "captureId",
       coalesce(events.at, closed.finished_at) as at,
       coalesce(events.detail,
         jsonb_build_object('state', closed.state, 'manifestSha256', closed.manifest_sha256)) as detail
     from event_stream stream
     left join events on events.id = stream.event_id
     left join capture_outcomes closed on closed.capture_id = stream.capture_id
     where stream.position > $1 order by stream.position limit $2`,
    [position, limit],
  );
  return rows;
}

/** What happened and is not in the stream: everything is, from the moment at which it is visible. */
export async function strayInStream(
  db: Queryable,
  { live, told }: Pick<Schemas, 'live' | 'told'>,
): Promise<TableDifference> {
  const schema = escapeIdentifier(live);
  const { rows } = await db.query<TableDifference>(
    `select $1::bigint as expected, '{}'::text[] as extra, array(
       select id::text from (
         select id from ${schema}.events
         where not exists (select from ${schema}.event_stream told where told.event_id = events.id)
         union all
         select capture_id from ${schema}.capture_outcomes closed
         where not exists (
           select from ${schema}.event_stream told where told.capture_id = closed.capture_id)
       ) as stray (id) order by id limit ${mostDifferences}) as missing`,
    [told],
  );
  const [found] = rows;
  if (found === undefined) throw new TypeError('a count is one row');
  return found;
}

/** 0 where nothing has happened yet. */
export async function lastPosition(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ last: number | null }>(
    'select max(position) as last from event_stream',
  );
  return rows[0]?.last ?? 0;
}
