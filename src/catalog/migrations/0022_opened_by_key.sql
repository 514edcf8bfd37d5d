-- Which submission opened a capture is looked up by its key, however many captures are opened at
-- once: the plan of a join was made when the table was small, and read all of it each time.
create or replace function note_opened() returns trigger language plpgsql set search_path from current as $$
begin
  insert into unfinished_captures (capture_id, origin, case_name, priority, opened_at)
  select opened.id, asked.origin, coalesce(asked.case_name, ''), asked.priority, opened.opened_at
  from opened cross join lateral (
    select origin, case_name, priority from submissions where id = opened.submission_id offset 0
  ) asked;
  return null;
end $$;
