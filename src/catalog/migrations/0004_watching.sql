-- Coming back: checks and what they observed, what is concluded from it, plans that adapt.

-- One check: several sources of one platform, observed in one window, with the canaries that
-- show whether the routes could be believed. Truth is its record in the vault.
create table checks (
  id uuid primary key,
  platform text not null,
  origin text not null check (origin in ('watch', 'check')),
  -- Much of the platform seemed to vanish at once: what this check missed is not counted.
  held boolean not null,
  checked_at timestamptz not null
);
create index checks_platform on checks (platform, checked_at desc);

alter table observations
  add column check_id uuid references checks (id),
  -- Whether the same route gave what is known to be there: passed, failed; null: not asked.
  add column canary text check (canary in ('passed', 'failed')),
  -- Of what matters in the source as this route showed it.
  add column content_sha256 text,
  -- Likes, replies and the like: a series, never compared.
  add column counters jsonb;
create index observations_check on observations (check_id) where check_id is not null;

create trigger append_only before update or delete on checks
  for each row execute function refuse_change();
create trigger append_only_truncate before truncate on checks
  for each statement execute function refuse_change();
alter table checks enable always trigger append_only;
alter table checks enable always trigger append_only_truncate;

-- Mutable, and named as such: none of what follows is evidence.

-- What the observations of each source lead to. A projection: it can be made again from them.
create table source_now (
  source_key text not null,
  platform text not null,
  -- Author or host, for "much of the platform at once"; the key itself where unknown.
  party text not null,
  availability text not null check (availability in
    ('available', 'suspect', 'removed', 'restricted', 'restored', 'unknown')),
  kind text,
  since timestamptz,
  first_seen timestamptz,
  last_seen timestamptz,
  first_missed timestamptz,
  confirmed_at timestamptz,
  missing_since timestamptz,
  last_told timestamptz,
  last_visit timestamptz,
  -- By route, as last observed by a check.
  content jsonb not null default '{}',
  -- So many checks in a row saw the same content. Pages that change by themselves stay at 0.
  steady integer not null default 1,
  assessment jsonb not null
);
create unique index source_now_source on source_now (md5(source_key));
create index source_now_visits on source_now (platform, last_visit);
create index source_now_availability on source_now (availability, since);
create index source_now_party on source_now (md5(party));

alter table watches
  drop constraint watches_check,
  add column adaptive boolean not null default false,
  -- A capture at every visit, or only when something changed.
  add column captures text not null default 'always' check (captures in ('always', 'changed')),
  add column state text not null default 'active' check (state in ('active', 'paused', 'ended')),
  add column ended_reason text,
  -- Minutes of the local day in which nobody is visited.
  add column quiet jsonb,
  add column ends_at timestamptz,
  add column until_gone boolean not null default false,
  -- The plan of a case or an author that this watch came from.
  add column scope text,
  add column born_at timestamptz,
  add column hot_until timestamptz,
  add check (num_nonnulls(every_ms, cron) + adaptive::int = 1);
drop index watches_due;
create index watches_due on watches (next_due_at) where state = 'active';
create index watches_scope on watches (md5(scope)) where scope is not null;

-- Closed captures that have not been compared with the one before. Kept by a trigger.
create table uncompared_captures (
  capture_id uuid primary key references captures (id),
  tries integer not null default 0,
  due_at timestamptz not null default now()
);
create index uncompared_captures_due on uncompared_captures (due_at);

create function note_uncompared() returns trigger language plpgsql set search_path from current as $$
begin
  insert into uncompared_captures (capture_id) select capture_id from closed;
  return null;
end $$;
create trigger note_uncompared after insert on capture_outcomes referencing new table as closed
  for each statement execute function note_uncompared();
