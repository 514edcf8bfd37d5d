-- Two more views for people and programs that ask with SQL: what was made of evidence.

create view evidence_derivations as
select id, kind, subject, inputs, state, reason, record_sha256, started_at, finished_at,
  exists (select from newest_derivations where derivation_id = derivations.id) as is_newest
from derivations;
comment on view evidence_derivations is 'What was made of evidence, each time it was made.';

create view evidence_derived_files as
select artifacts.capture_id, derivations.id as derivation_id, derivations.kind,
  derived_files.role, derived_files.name, derived_files.media_type, derived_files.size_bytes,
  derived_files.sha256, derived_files.derived_from,
  (derived_files.media ->> 'ptsMs')::bigint as pts_ms, derivations.finished_at
from newest_derivations
join derivations on derivations.id = newest_derivations.derivation_id
join derived_files on derived_files.derivation_id = derivations.id
join (
  select capture_id, sha256 from artifacts
  union
  select capture_id, manifest_sha256 from capture_outcomes
) artifacts on artifacts.sha256 = derivations.subject;
comment on view evidence_derived_files is 'Files of the newest derivations, for each capture that holds what they were made of.';

do $$
declare
  here text := current_schema();
  there text := case here when 'holdfast' then 'evidence' else here || '_evidence' end;
  name text;
begin
  foreach name in array array['derivations', 'derived_files']
  loop
    execute format('alter view %I set schema %I', 'evidence_' || name, there);
    execute format('alter view %I.%I rename to %I', there, 'evidence_' || name, name);
  end loop;
  if exists (select from pg_roles where rolname = 'holdfast_reader') then
    execute format('grant select on all tables in schema %I to holdfast_reader', there);
  end if;
end $$;
