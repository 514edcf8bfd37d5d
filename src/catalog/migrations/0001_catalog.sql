-- The catalog. Every table up to "mutable" takes inserts only: the truth is what was
-- written first, here and (before it) in the vault.
--
-- Sources and handles come from outside and may be longer than a B-tree entry can be
-- (2704 bytes), so they are indexed by their MD5, for lookup only: every question
-- compares the text itself as well.

-- Which catalog this is: keeps the queues of two catalogs on one Redis apart.
create table catalog_identity (id uuid primary key default gen_random_uuid());
insert into catalog_identity default values;

create table submissions (
  id uuid primary key,
  batch_id uuid not null,
  position integer not null,
  link text not null,
  source_key text,
  rejected text,
  capture_id uuid,
  case_name text,
  tags text[] not null default '{}',
  note text,
  submitted_by text not null,
  reason text,
  origin text not null check (origin in ('human', 'watch')),
  priority integer not null default 0,
  facts jsonb not null default '{}',
  submitted_at timestamptz not null,
  check ((rejected is null) = (source_key is not null))
);
create index submissions_capture on submissions (capture_id);
create index submissions_case on submissions (case_name) where case_name is not null;
create index submissions_tags on submissions using gin (tags);

create table captures (
  id uuid primary key,
  submission_id uuid not null references submissions (id),
  source_key text not null,
  environment text not null check (environment in ('live', 'demo')),
  opened_at timestamptz not null
);
create index captures_source on captures (md5(source_key), opened_at desc);
create index captures_opened on captures (opened_at desc, id desc);
create index captures_submission on captures (submission_id);

alter table submissions
  add foreign key (capture_id) references captures (id) deferrable initially deferred;

create table source_aliases (
  alias_key text not null,
  source_key text not null,
  capture_id uuid not null references captures (id),
  hops jsonb not null,
  seen_at timestamptz not null
);
create unique index source_aliases_capture on source_aliases (capture_id, md5(alias_key));
create index source_aliases_alias on source_aliases (md5(alias_key), seen_at desc);
create index source_aliases_source on source_aliases (md5(source_key));

create table step_attempts (
  capture_id uuid not null references captures (id),
  step text not null,
  attempt integer not null,
  required boolean not null,
  state text not null check (state in ('done', 'failed', 'blocked', 'skipped')),
  -- A failed attempt that will be followed by another is not final.
  final boolean not null,
  reason text,
  detail jsonb not null default '{}',
  started_at timestamptz not null,
  finished_at timestamptz not null,
  primary key (capture_id, step, attempt)
);
create unique index step_attempts_final on step_attempts (capture_id, step) where final;

create table artifacts (
  id uuid primary key,
  capture_id uuid not null references captures (id),
  step text not null,
  role text not null,
  name text not null,
  media_type text not null,
  size_bytes bigint not null check (size_bytes >= 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  derived_from text check (derived_from ~ '^[0-9a-f]{64}$'),
  media jsonb,
  pdq jsonb,
  facts jsonb not null default '{}',
  stored_at timestamptz not null,
  unique (capture_id, name)
);
create index artifacts_sha256 on artifacts (sha256);

create table observations (
  id uuid primary key,
  source_key text not null,
  capture_id uuid references captures (id),
  route text not null,
  url text not null,
  http_status integer,
  failure text,
  signal text not null,
  statement text,
  headers jsonb not null default '[]',
  body_sha256 text,
  exit_label text,
  observed_at timestamptz not null
);
create index observations_source on observations (md5(source_key), observed_at desc);
create index observations_capture on observations (capture_id);

create table captured_posts (
  capture_id uuid primary key references captures (id),
  post_id text not null,
  author_id text,
  author_handle text,
  author_name text,
  body text not null,
  claimed_at timestamptz,
  id_time timestamptz,
  post jsonb not null,
  -- A tsvector holds at most 1 MiB, and more is an error: only the beginning is searchable.
  search tsvector generated always as (
    to_tsvector('simple', left(coalesce(author_handle, '') || ' ' || coalesce(author_name, '') || ' ' || body, 100000))
  ) stored
);
create index captured_posts_search on captured_posts using gin (search);
create index captured_posts_handle on captured_posts (md5(lower(author_handle)));

create table captured_pages (
  capture_id uuid not null references captures (id),
  view text not null,
  final_url text not null,
  http_status integer,
  title text,
  body text not null,
  search tsvector generated always as (
    to_tsvector('simple', left(coalesce(title, '') || ' ' || body, 100000))
  ) stored,
  primary key (capture_id, view)
);
create index captured_pages_search on captured_pages using gin (search);

create table capture_outcomes (
  capture_id uuid primary key references captures (id),
  source_key text not null,
  state text not null check (state in ('complete', 'partial', 'blocked', 'failed')),
  manifest_sha256 text not null,
  started_at timestamptz not null,
  finished_at timestamptz not null
);
create index capture_outcomes_source on capture_outcomes (md5(source_key), finished_at desc);
create index capture_outcomes_state on capture_outcomes (state);

create table events (
  id uuid primary key,
  kind text not null,
  source_key text,
  capture_id uuid references captures (id),
  detail jsonb not null default '{}',
  at timestamptz not null
);
create index events_source on events (md5(source_key), at desc);
create index events_capture on events (capture_id);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the table % is append-only', tg_table_name using errcode = 'HF001';
end $$;

do $$
declare name text;
begin
  foreach name in array array['submissions', 'captures', 'source_aliases', 'step_attempts',
    'artifacts', 'observations', 'captured_posts', 'captured_pages', 'capture_outcomes', 'events']
  loop
    execute format('create trigger append_only before update or delete on %I
      for each row execute function refuse_change()', name);
    execute format('create trigger append_only_truncate before truncate on %I
      for each statement execute function refuse_change()', name);
    execute format('alter table %I enable always trigger append_only', name);
    execute format('alter table %I enable always trigger append_only_truncate', name);
  end loop;
end $$;

-- What a capture is a capture of: the source it was closed on; until then the one that
-- resolving found; until then the one that was asked for.
create view captures_resolved as
select captures.id, captures.submission_id, captures.environment, captures.opened_at,
  captures.source_key as asked_key,
  coalesce(capture_outcomes.source_key, alias.source_key, captures.source_key) as source_key,
  capture_outcomes.state, capture_outcomes.manifest_sha256,
  capture_outcomes.started_at, capture_outcomes.finished_at
from captures
left join capture_outcomes on capture_outcomes.capture_id = captures.id
left join lateral (
  select source_key from source_aliases
  where capture_id = captures.id order by seen_at desc limit 1
) alias on capture_outcomes.capture_id is null;

-- Mutable, and named as such: none of these is evidence.

-- Captures without outcome, so that the feeder need not search all that ever were.
-- A projection: kept by the two triggers below, it can be made again from the rows above.
create table unfinished_captures (
  capture_id uuid primary key references captures (id),
  origin text not null,
  case_name text not null, -- empty for none
  priority integer not null,
  opened_at timestamptz not null
);
create index unfinished_captures_turn on unfinished_captures
  (origin, case_name, priority desc, opened_at, capture_id);

create function note_opened() returns trigger language plpgsql set search_path from current as $$
begin
  insert into unfinished_captures (capture_id, origin, case_name, priority, opened_at)
  select opened.id, submissions.origin, coalesce(submissions.case_name, ''),
    submissions.priority, opened.opened_at
  from opened join submissions on submissions.id = opened.submission_id;
  return null;
end $$;
create trigger note_opened after insert on captures referencing new table as opened
  for each statement execute function note_opened();

create function note_closed() returns trigger language plpgsql set search_path from current as $$
begin
  delete from unfinished_captures using closed
  where unfinished_captures.capture_id = closed.capture_id;
  return null;
end $$;
create trigger note_closed after insert on capture_outcomes referencing new table as closed
  for each statement execute function note_closed();

-- Which captures have been handed to the queue, and how often.
create table feeder_slots (
  capture_id uuid primary key references captures (id),
  round integer not null,
  handed_at timestamptz not null
);

create table watches (
  source_key text not null,
  link text not null,
  every_ms bigint,
  cron text,
  time_zone text,
  case_name text,
  tags text[] not null default '{}',
  note text,
  next_due_at timestamptz not null,
  last_swept_at timestamptz,
  created_by text not null,
  created_at timestamptz not null,
  check ((every_ms is null) <> (cron is null))
);
create unique index watches_source on watches (md5(source_key));
create index watches_due on watches (next_due_at);

-- When each host may be asked next.
create table host_pace (
  host text primary key,
  next_at timestamptz not null
);

-- How far a running step is: shown by status and progress bars, then of no use.
create table step_progress (
  capture_id uuid not null,
  step text not null,
  done_bytes bigint,
  total_bytes bigint,
  bytes_per_second bigint,
  note text,
  updated_at timestamptz not null,
  primary key (capture_id, step)
);
