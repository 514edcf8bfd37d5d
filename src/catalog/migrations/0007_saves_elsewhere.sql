-- Asking another archive to keep a copy, too: opted in by case, followed to its end.

-- Mutable, and named as such: what came of it is an event.
create table saves_elsewhere (
  capture_id uuid primary key references captures (id),
  url text not null,
  state text not null check (state in ('asking', 'following', 'saved', 'refused', 'given-up')),
  job_id text,
  tries integer not null default 0,
  reason text,
  due_at timestamptz not null
);
create index saves_elsewhere_due on saves_elsewhere (due_at) where state in ('asking', 'following');
