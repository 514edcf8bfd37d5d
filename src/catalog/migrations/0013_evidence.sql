-- Views for people and programs that ask the catalog with SQL. Their names and columns are
-- stable, unlike those of the tables; docs/catalog.md describes them. They live in a schema of
-- their own: `evidence` for the catalog `holdfast`, `NAME_evidence` for any other, so that
-- several catalogs fit in one database. Each is made here under a longer name and moved there
-- at the end. New columns come last.

create view evidence_submissions as
select id, link, source_key as source, rejected, capture_id, case_name, tags, note,
  submitted_by, reason, origin, submitted_at
from submissions;
comment on view evidence_submissions is 'Acts of asking: each leads to a capture, or is rejected.';

create view evidence_captures as
select captures_resolved.id, captures_resolved.source_key as source,
  split_part(captures_resolved.source_key, ':', 1) as platform,
  submissions.link, captures_resolved.environment, captures_resolved.state,
  submissions.case_name, submissions.tags, submissions.submitted_by,
  captures_resolved.opened_at, captures_resolved.started_at, captures_resolved.finished_at,
  captures_resolved.manifest_sha256,
  log_entries.idx as log_index,
  (select min(size) from checkpoints where size > log_entries.idx) as checkpoint_size,
  (select min(gen_time) from checkpoint_timestamps where size > log_entries.idx) as stamped_at
from captures_resolved
join submissions on submissions.id = captures_resolved.submission_id
left join log_entries on log_entries.manifest_sha256 = captures_resolved.manifest_sha256
  and log_entries.type = 'capture';
comment on view evidence_captures is 'Visits to sources, finished or not.';

create view evidence_steps as
select capture_id, step, required, state, reason, attempt as attempts, started_at, finished_at
from step_attempts
where final;
comment on view evidence_steps is 'How each step of a capture ended.';

create view evidence_artifacts as
select capture_id, step, role, name, media_type, size_bytes, sha256, derived_from,
  (media ->> 'width')::integer as width, (media ->> 'height')::integer as height,
  (media ->> 'durationMs')::bigint as duration_ms, (media ->> 'ptsMs')::bigint as pts_ms,
  stored_at,
  (select min(at) from removals
    where targets @> array[artifacts.sha256] and change = 'done') as removed_at
from artifacts;
comment on view evidence_artifacts is 'Files of captures; the bytes are in the vault under sha256.';

create view evidence_posts as
select capture_id, post_id, author_id, author_handle, author_name, body as text,
  claimed_at, id_time
from captured_posts;
comment on view evidence_posts is 'Posts as captures saw them.';

create view evidence_pages as
select capture_id, view, final_url, http_status, title, body as text
from captured_pages;
comment on view evidence_pages is 'Pages as captures saw them.';

create view evidence_sources as
select source_now.source_key as source, source_now.platform, source_now.availability,
  source_now.kind, source_now.since, source_now.first_seen, source_now.last_seen,
  source_now.last_visit as last_check,
  (select count(*) from capture_outcomes
    where md5(capture_outcomes.source_key) = md5(source_now.source_key)
      and capture_outcomes.source_key = source_now.source_key) as captures,
  (select max(finished_at) from capture_outcomes
    where md5(capture_outcomes.source_key) = md5(source_now.source_key)
      and capture_outcomes.source_key = source_now.source_key) as last_capture
from source_now;
comment on view evidence_sources is 'Sources that were looked at, and what is concluded about them today.';

create view evidence_observations as
select id, source_key as source, capture_id, route, url, http_status, failure, signal,
  statement, body_sha256, observed_at
from observations;
comment on view evidence_observations is 'What each route answered; never rewritten.';

create view evidence_events as
select id, kind, source_key as source, capture_id, detail, at
from events;
comment on view evidence_events is 'What happened.';

create view evidence_takedowns as
select removed.id as event_id, removed.source_key as source,
  split_part(removed.source_key, ':', 1) as platform,
  removed.detail ->> 'kind' as kind,
  (removed.detail ->> 'firstSeen')::timestamptz as first_seen,
  (removed.detail ->> 'lastSeen')::timestamptz as last_seen,
  removed.at as confirmed_at,
  (select min(restored.at) from events restored
    where md5(restored.source_key) = md5(removed.source_key)
      and restored.source_key = removed.source_key
      and restored.kind = 'restored' and restored.at > removed.at) as restored_at,
  author.author_id, author.author_handle,
  (select count(*) from capture_outcomes
    where md5(capture_outcomes.source_key) = md5(removed.source_key)
      and capture_outcomes.source_key = removed.source_key
      and state in ('complete', 'partial')
      and started_at < coalesce((removed.detail ->> 'firstMissed')::timestamptz, removed.at)
  ) as captures
from events removed
left join lateral (
  select author_id, author_handle from capture_outcomes join captured_posts using (capture_id)
  where md5(capture_outcomes.source_key) = md5(removed.source_key)
    and capture_outcomes.source_key = removed.source_key
  order by finished_at desc limit 1
) author on true
where removed.kind = 'removed';
comment on view evidence_takedowns is 'Sources that were found removed, and whether they came back.';

create view evidence_watches as
select source_key as source, link, every_ms, cron, time_zone, adaptive, state, case_name,
  next_due_at, last_swept_at as last_visit, created_by, created_at
from watches;
comment on view evidence_watches is 'Plans for visiting sources again.';

create view evidence_removals as
select ordered.id, ordered.targets, ordered.capture_ids, ordered.authority, ordered.reference,
  ordered.reason, ordered.by_whom, ordered.at as ordered_at, done.at as done_at
from removals ordered
left join removals done on done.id = ordered.id and done.change = 'done'
where ordered.change = 'ordered';
comment on view evidence_removals is 'Files taken out of the archive by order.';

create view evidence_holds as
select held.id, held.scope_kind, held.scope, held.authority, held.reference, held.reason,
  held.by_whom, held.at as set_at, released.at as released_at
from holds held
left join holds released on released.id = held.id and released.change = 'released'
where held.change = 'set';
comment on view evidence_holds is 'Legal holds, in force until released_at.';

create view evidence_log as
select idx as index, type, at, manifest_sha256, targets, encode(leaf_hash, 'hex') as leaf_hash
from log_entries;
comment on view evidence_log is 'Entries of the log.';

create view evidence_checkpoints as
select size, encode(root, 'hex') as root, sha256, made_at,
  (select min(gen_time) from checkpoint_timestamps
    where checkpoint_timestamps.size = checkpoints.size) as stamped_at,
  (select count(*) from checkpoint_cosignatures
    where checkpoint_cosignatures.size = checkpoints.size) as cosignatures
from checkpoints;
comment on view evidence_checkpoints is 'Signed checkpoints of the log.';

-- Moves them, and lets `holdfast_reader` read them, and nothing else. A role belongs to the
-- whole server: where this user may not make one, docs/catalog.md has the lines for who may.
do $$
declare
  here text := current_schema();
  there text := case here when 'holdfast' then 'evidence' else here || '_evidence' end;
  name text;
begin
  execute format('create schema if not exists %I', there);
  begin
    create role holdfast_reader nologin;
  exception when insufficient_privilege or duplicate_object or unique_violation then null;
  end;
  foreach name in array array['submissions', 'captures', 'steps', 'artifacts', 'posts', 'pages',
    'sources', 'observations', 'events', 'takedowns', 'watches', 'removals', 'holds', 'log',
    'checkpoints']
  loop
    execute format('alter view %I set schema %I', 'evidence_' || name, there);
    execute format('alter view %I.%I rename to %I', there, 'evidence_' || name, name);
  end loop;
  if exists (select from pg_roles where rolname = 'holdfast_reader') then
    execute format('grant usage on schema %I to holdfast_reader', there);
    execute format('grant select on all tables in schema %I to holdfast_reader', there);
  end if;
end $$;
