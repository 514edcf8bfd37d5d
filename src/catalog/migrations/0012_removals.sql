-- A removal by order is called a removal, and when something is due stands in a schedule.
-- Entries of the log that were written before keep their type `tombstone`.
alter table tombstones rename to removals;
alter index tombstones_pkey rename to removals_pkey;
alter index tombstones_targets rename to removals_targets;
alter table removals rename constraint tombstones_change_check to removals_change_check;

create or replace function is_removed(capture uuid, file text) returns boolean
  language sql stable set search_path from current as $$
  select exists (
    select from artifacts join removals on removals.targets @> array[artifacts.sha256]
    where artifacts.capture_id = capture and artifacts.name = file)
$$;

alter table timestamp_turns rename to timestamp_schedule;
alter index timestamp_turns_pkey rename to timestamp_schedule_pkey;
alter table witness_turns rename to witness_schedule;
alter index witness_turns_pkey rename to witness_schedule_pkey;
alter table fixity_turns rename to fixity_schedule;
alter index fixity_turns_pkey rename to fixity_schedule_pkey;
alter index fixity_turns_checked rename to fixity_schedule_checked;

create or replace function note_stored() returns trigger
  language plpgsql set search_path from current as $$
begin
  insert into fixity_schedule (sha256, size_bytes, checked_at)
  select stored.sha256, max(stored.size_bytes), min(stored.stored_at) from stored
  group by stored.sha256
  on conflict do nothing;
  return null;
end $$;
