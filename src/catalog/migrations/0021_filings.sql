-- Order in the archive: sources put into cases or taken out, tags, notes. Each act is a row, and
-- an entry of the log whose details it can be made from again; nothing is ever deleted.
create table filings (
  id uuid primary key,
  kind text not null check (kind in ('case', 'tag', 'note')),
  change text not null check (change in ('added', 'removed')),
  -- Name of the case, the tag, or the words of the note.
  value text not null,
  source_key text not null,
  -- A tag or note of this capture alone; null: of the source, and so of all its captures.
  capture_id uuid references captures (id) deferrable initially deferred,
  -- The case in whose chain of the log it stands; null: of none.
  case_name text,
  by_whom text not null,
  at timestamptz not null,
  log_index bigint not null,
  check (kind <> 'note' or change = 'added'),
  check (kind <> 'case' or capture_id is null)
);
create index filings_source on filings (md5(source_key));
create index filings_value on filings (kind, md5(value));

create trigger append_only before update or delete on filings
  for each row execute function refuse_change();
create trigger append_only_truncate before truncate on filings
  for each statement execute function refuse_change();
alter table filings enable always trigger append_only;
alter table filings enable always trigger append_only_truncate;

-- In PL/pgSQL, which keeps its plans: each is asked for row by row. A source
-- has few keys and captures: else the planner would rather read whole tables.

-- Follows aliases, each as last seen, to where they end; the key itself where it is none. Depth
-- bounds a circle, which hostile redirects can make.
create function resolved_source(key text) returns text
  language plpgsql stable security definer set search_path from current
  set plan_cache_mode = force_generic_plan as $$
begin
  return (
  with recursive reached (source_key, depth) as (
    select key, 0
    union all
    select alias.source_key, depth + 1
    from reached cross join lateral (
      select source_key from source_aliases
      where md5(alias_key) = md5(reached.source_key) and alias_key = reached.source_key
      order by seen_at desc limit 1
    ) alias
    where depth < 10
  )
  select source_key from reached order by depth desc limit 1);
end $$;

-- A source under every key that leads to it.
create function keys_of_source(key text) returns table (source_key text)
  language plpgsql stable rows 3 security definer set search_path from current
  set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return query
  with recursive reached (source_key) as (
    select key
    union
    select source_aliases.alias_key from reached join source_aliases
      on md5(source_aliases.source_key) = md5(reached.source_key)
      and source_aliases.source_key = reached.source_key
  )
  select source_key from reached where source_key = key or resolved_source(source_key) = key;
end $$;

create function captures_of_source(key text) returns table (id uuid)
  language plpgsql stable rows 3 security definer set search_path from current
  set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return query
  select captures_resolved.id from captures_resolved
  where captures_resolved.source_key = key and captures_resolved.id in (
    select captures.id from captures where md5(captures.source_key) = md5(key)
    union
    select capture_id from source_aliases where md5(source_aliases.source_key) = md5(key)
    union
    select capture_id from capture_outcomes where md5(capture_outcomes.source_key) = md5(key));
end $$;

-- The one definition of "the sources of a case": every source that a submission of the case led
-- to, whoever kept it first, and what was put into it, without what was taken out. What a person
-- or program submits to the case again is in it again; a visit by a watch changes nothing.
-- Asked for a case, or for a source, or for both.
create function case_sources(of_case text, of_source text)
  returns table (case_name text, source_key text, since timestamptz)
  language plpgsql stable security definer set search_path from current
  set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return query
  with acts (case_name, source_key, at, change) as (
    select submissions.case_name, captures_resolved.source_key, submitted_at,
      case origin when 'watch' then 'revisited' else 'added' end
    from submissions join captures_resolved on captures_resolved.id = submissions.capture_id
    where of_case is not null and submissions.case_name = of_case
    union all
    select submissions.case_name, of_source, submitted_at,
      case origin when 'watch' then 'revisited' else 'added' end
    from captures_of_source(of_source) own
    join submissions on submissions.capture_id = own.id
    where of_case is null and of_source is not null and submissions.case_name is not null
    union all
    select filings.value, keys.key, filings.at, filings.change
    from filings cross join lateral (
      select filings.source_key union select resolved_source(filings.source_key)) keys (key)
    where of_case is not null and kind = 'case'
      and md5(filings.value) = md5(of_case) and filings.value = of_case
    union all
    select filings.value, of_source, filings.at, filings.change
    from filings
    where of_case is null and of_source is not null and kind = 'case'
      and md5(filings.source_key) in (select md5(keys.source_key) from keys_of_source(of_source) keys)
      and filings.source_key in (select keys.source_key from keys_of_source(of_source) keys)
  )
  select acts.case_name, acts.source_key, min(at) filter (where change <> 'removed')
  from acts
  where of_source is null or acts.source_key = of_source
  group by acts.case_name, acts.source_key
  having bool_or(change <> 'removed') and coalesce(
    max(at) filter (where change = 'added') > max(at) filter (where change = 'removed'),
    not bool_or(change = 'removed'));
end $$;

-- Tags in force on a capture: of the submissions that led to it and of filings, the last word
-- counts. A visit by a watch brings back nothing that was taken away.
create function capture_tags(capture uuid, source text)
  returns table (tag text, since timestamptz)
  language plpgsql stable rows 3 security definer set search_path from current
  set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return query
  with acts (tag, at, change) as (
    select unnest(tags), submitted_at, case origin when 'watch' then 'revisited' else 'added' end
    from submissions where submissions.capture_id = capture
    union all
    select value, filings.at, filings.change from filings
    where kind = 'tag' and (filings.capture_id is null or filings.capture_id = capture)
      and md5(filings.source_key) in (select md5(keys.source_key) from keys_of_source(source) keys)
      and filings.source_key in (select keys.source_key from keys_of_source(source) keys)
  )
  select acts.tag, min(at) filter (where change <> 'removed') from acts group by acts.tag
  having bool_or(change <> 'removed') and coalesce(
    max(at) filter (where change = 'added') > max(at) filter (where change = 'removed'),
    not bool_or(change = 'removed'));
end $$;

-- What is filed changes how captures are found.
create function note_filed_stale() returns trigger
  language plpgsql set search_path from current as $$
begin
  insert into searchable_stale (capture_id)
  select distinct own.id from touched
  cross join lateral (
    select touched.source_key union select resolved_source(touched.source_key)) keys (key)
  cross join lateral captures_of_source(keys.key) own;
  return null;
end $$;
create trigger note_stale after insert on filings referencing new table as touched
  for each statement execute function note_filed_stale();

-- Cases are of sources now: rows are made again whose source was captured for other cases too.
insert into searchable_stale (capture_id)
select own.capture_id from searchable_captures own
where exists (
  select from searchable_captures other
  where md5(other.source_key) = md5(own.source_key) and other.source_key = own.source_key
    and other.capture_id <> own.capture_id and other.cases <> own.cases)
order by own.opened_at, own.capture_id;

create view evidence_filings as
select id, kind, change, value, source_key as source, capture_id, case_name, by_whom, at, log_index
from filings;
comment on view evidence_filings is 'Sources put into cases or taken out, tags and notes, as people made them.';

create view evidence_case_sources as
select member.case_name, member.source_key as source, member.since
from (
  select case_name as name from submissions where case_name is not null
  union
  select value from filings where kind = 'case'
) named cross join lateral case_sources(named.name, null) member;
comment on view evidence_case_sources is 'Which sources each case holds.';

do $$
declare
  here text := current_schema();
  there text := case here when 'holdfast' then 'evidence' else here || '_evidence' end;
  name text;
begin
  foreach name in array array['filings', 'case_sources']
  loop
    execute format('alter view %I set schema %I', 'evidence_' || name, there);
    execute format('alter view %I.%I rename to %I', there, 'evidence_' || name, name);
  end loop;
  if exists (select from pg_roles where rolname = 'holdfast_reader') then
    execute format('grant select on all tables in schema %I to holdfast_reader', there);
  end if;
end $$;
