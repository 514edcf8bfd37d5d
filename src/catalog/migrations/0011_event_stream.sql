-- Events in the order in which they became visible, and submissions by other programs.

alter table submissions
  drop constraint submissions_origin_check,
  add constraint submissions_origin_check check (origin in ('human', 'program', 'watch'));

-- What happened, in one order: events, and captures that were closed. Whoever follows it can
-- stop at a position and go on from there without missing anything. A projection: it names
-- rows, and can be made again from them.
create table event_stream (
  position bigint generated always as identity primary key,
  event_id uuid unique references events (id),
  capture_id uuid unique references captures (id),
  check (num_nonnulls(event_id, capture_id) = 1)
);

insert into event_stream (event_id, capture_id)
select event_id, capture_id from (
  select id as event_id, null::uuid as capture_id, at from events
  union all
  select null, capture_id, finished_at from capture_outcomes
) told
order by at, event_id, capture_id;

-- Deferred to the commit and one transaction at a time from there on, so that positions become
-- visible in their order. Taken any earlier, a lock would hold up others for as long as the
-- transaction works, and a position could become visible after a higher one.
create function note_in_stream() returns trigger language plpgsql set search_path from current as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('holdfast event stream', 0));
  if tg_table_name = 'events' then
    insert into event_stream (event_id) values (new.id);
  else
    insert into event_stream (capture_id) values (new.capture_id);
  end if;
  return null;
end $$;
create constraint trigger note_in_stream after insert on events
  deferrable initially deferred for each row execute function note_in_stream();
create constraint trigger note_in_stream after insert on capture_outcomes
  deferrable initially deferred for each row execute function note_in_stream();
