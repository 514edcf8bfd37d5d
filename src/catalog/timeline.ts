/** Everything that is on record about one source, in the order in which it happened. */
import type { Queryable } from './database.ts';

export interface TimelineEntry {
  at: Date;
  what: 'submitted' | 'opened' | 'closed' | 'observed' | 'event';
  /** Id of the submission, capture, observation or event. */
  id: string;
  captureId: string | null;
  /** State of a capture, signal of an observation, kind of an event. */
  word: string | null;
  /** Route of an observation, who submitted. */
  by: string | null;
  detail: Record<string, unknown>;
}

/** Captures under this key whose link has a fragment, which the key may lack. */
export async function linksWithFragment(
  db: Queryable,
  sourceKey: string,
): Promise<{ captureId: string; link: string }[]> {
  const { rows } = await db.query<{ captureId: string; link: string }>(
    `select captures.id as "captureId", submissions.link
     from captures join submissions on submissions.id = captures.submission_id
     where md5(captures.source_key) = md5($1) and captures.source_key = $1
       and strpos(submissions.link, '#') > 0`,
    [sourceKey],
  );
  return rows;
}

/**
 * @param sourceKeys one source under all keys that lead to it
 * @param captureIds captures of it under yet another key
 */
export async function timelineOf(
  db: Queryable,
  sourceKeys: string[],
  captureIds: string[] = [],
): Promise<TimelineEntry[]> {
  const { rows } = await db.query<TimelineEntry>(
    `with keys as (select key, md5(key) as hash from unnest($1::text[]) as key),
     captured as (
       select captures_resolved.* from captures_resolved
       where source_key in (select key from keys) or asked_key in (select key from keys)
         or id = any($2::uuid[])
     )
     select submitted_at as at, 'submitted' as what, submissions.id, submissions.capture_id as "captureId",
       null as word, submitted_by as by,
       jsonb_build_object('link', link, 'case', case_name, 'origin', origin, 'reason', submissions.reason) as detail
     from submissions where capture_id in (select id from captured)
     union all
     select opened_at, 'opened', id, id, null, null, '{}' from captured
     union all
     select finished_at, 'closed', id, id, state, null,
       jsonb_build_object('manifestSha256', manifest_sha256)
     from captured where state is not null
     union all
     select observed_at, 'observed', id, capture_id, signal, route,
       jsonb_build_object('status', http_status, 'failure', failure, 'statement', statement,
         'url', url, 'bodySha256', body_sha256, 'exit', exit_label)
     from observations where id in (
       select observations.id from keys join observations
         on md5(observations.source_key) = keys.hash and observations.source_key = keys.key
       union
       select id from observations where capture_id = any($2::uuid[]))
     union all
     select events.at, 'event', events.id, events.capture_id, events.kind, null, events.detail
     from events where id in (
       select events.id from keys join events on md5(events.source_key) = keys.hash
         and events.source_key = keys.key
       union
       select events.id from captured join events on events.capture_id = captured.id)
     order by at, what, id`,
    [sourceKeys, captureIds],
  );
  return rows;
}
