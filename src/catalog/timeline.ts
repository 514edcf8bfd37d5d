/** Everything that is on record about one source, in the order in which it happened. */
import type { Queryable } from './database.ts';

export interface TimelineEntry {
  at: Date;
  what: 'submitted' | 'opened' | 'closed' | 'observed' | 'event' | 'filed';
  /** Id of the submission, capture, observation, event or filing. */
  id: string;
  /** Key of the source, as it stands in what is on record. */
  source: string | null;
  captureId: string | null;
  /** State of a capture, signal of an observation, kind of an event or of what was filed. */
  word: string | null;
  /** Route of an observation, who submitted or filed. */
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
     reached (id) as (
       select captures.id from keys join captures on md5(captures.source_key) = keys.hash
       union
       select capture_id from keys join source_aliases on md5(source_aliases.source_key) = keys.hash
       union
       select capture_id from keys join capture_outcomes
         on md5(capture_outcomes.source_key) = keys.hash
       union
       select unnest($2::uuid[])
     ), captured as (
       select captures_resolved.* from captures_resolved
       where id in (select id from reached) and (source_key in (select key from keys)
         or asked_key in (select key from keys) or id = any($2::uuid[]))
     )
     select submitted_at as at, 'submitted' as what, submissions.id, captured.source_key as source,
       submissions.capture_id as "captureId", null as word, submitted_by as by,
       jsonb_build_object('link', link, 'case', case_name, 'origin', origin, 'reason', submissions.reason) as detail
     from submissions join captured on captured.id = submissions.capture_id
     union all
     select opened_at, 'opened', id, source_key, id, null, null, '{}' from captured
     union all
     select finished_at, 'closed', id, source_key, id, state, null,
       jsonb_build_object('manifestSha256', manifest_sha256)
     from captured where state is not null
     union all
     select observed_at, 'observed', id, source_key, capture_id, signal, route,
       jsonb_build_object('status', http_status, 'failure', failure, 'statement', statement,
         'url', url, 'bodySha256', body_sha256, 'exit', exit_label)
     from observations where id in (
       select observations.id from keys join observations
         on md5(observations.source_key) = keys.hash and observations.source_key = keys.key
       union
       select id from observations where capture_id = any($2::uuid[]))
     union all
     select events.at, 'event', events.id, events.source_key, events.capture_id, events.kind, null,
       events.detail
     from events where id in (
       select events.id from keys join events on md5(events.source_key) = keys.hash
         and events.source_key = keys.key
       union
       select events.id from captured join events on events.capture_id = captured.id)
     union all
     select filings.at, 'filed', filings.id, filings.source_key, filings.capture_id, filings.kind,
       by_whom, jsonb_build_object('change', change, 'value', value, 'case', case_name)
     from filings join keys on md5(filings.source_key) = keys.hash and filings.source_key = keys.key
     order by at, what, id`,
    [sourceKeys, captureIds],
  );
  return rows;
}
