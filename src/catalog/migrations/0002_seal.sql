-- The log and what hangs on it. The bytes lie in the vault first (records `log-entries`,
-- `checkpoints`, `timestamps`, `cosignatures`, `log-details`, `pseudonyms`); these rows can
-- be made again from there, and `verify` compares the two.

-- Names that must not stand in a log that nobody can shorten: entries carry the id.
create table pseudonyms (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  kind text not null check (kind in ('actor', 'case')),
  name text not null,
  made_at timestamptz not null
);
create index pseudonyms_name on pseudonyms (kind, md5(name));

-- An RFC 6962 log. The bytes count; every other column is read out of them.
create table log_entries (
  idx bigint primary key check (idx >= 0),
  body bytea not null check (octet_length(body) between 1 and 65535),
  leaf_hash bytea not null generated always as (sha256('\x00'::bytea || body)) stored,
  id uuid not null,
  type text not null,
  at timestamptz not null,
  case_id text,
  case_seq bigint not null check (case_seq >= 0),
  manifest_sha256 text check (manifest_sha256 ~ '^[0-9a-f]{64}$'),
  targets text[] not null default '{}',
  detail_sha256 text check (detail_sha256 ~ '^[0-9a-f]{64}$')
);
create unique index log_entries_leaf on log_entries (leaf_hash);
create unique index log_entries_id on log_entries (id);
create unique index log_entries_case on log_entries (coalesce(case_id, ''), case_seq);
create index log_entries_manifest on log_entries (manifest_sha256) where manifest_sha256 is not null;
create index log_entries_targets on log_entries using gin (targets);
create index log_entries_type on log_entries (type, idx);

-- Hashes of whole subtrees of 2^level leaves: what roots and proofs are made from.
create table log_nodes (
  level integer not null check (level between 0 and 62),
  idx bigint not null check (idx >= 0),
  hash bytea not null check (octet_length(hash) = 32),
  primary key (level, idx)
);

-- Signed checkpoints (C2SP tlog-checkpoint), byte for byte.
create table checkpoints (
  size bigint primary key check (size > 0),
  root bytea not null check (octet_length(root) = 32),
  note bytea not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  made_at timestamptz not null
);

-- RFC 3161 tokens over the bytes of a checkpoint.
create table checkpoint_timestamps (
  size bigint not null references checkpoints (size),
  authority text not null,
  token_sha256 text not null check (token_sha256 ~ '^[0-9a-f]{64}$'),
  gen_time timestamptz not null,
  policy text not null,
  serial text not null,
  accuracy_ms bigint,
  stored_at timestamptz not null,
  primary key (size, authority)
);

-- What witnesses said of a checkpoint (C2SP tlog-cosignature).
create table checkpoint_cosignatures (
  size bigint not null references checkpoints (size),
  witness text not null,
  line text not null,
  signed_at timestamptz not null,
  primary key (size, witness)
);

-- Every hashing again of a stored object, and what came of it.
create table fixity_checks (
  id uuid primary key,
  run_id uuid not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  result text not null check (result in ('ok', 'missing', 'differs', 'unreadable')),
  found_sha256 text,
  mended boolean not null default false,
  detail text,
  checked_at timestamptz not null
);
create index fixity_checks_object on fixity_checks (sha256, checked_at desc);
create index fixity_checks_faults on fixity_checks (checked_at desc) where result <> 'ok';

-- Legal holds: set by one row, released by another.
create table holds (
  id uuid not null,
  change text not null check (change in ('set', 'released')),
  scope_kind text not null check (scope_kind in ('capture', 'case', 'object')),
  scope text not null,
  authority text not null,
  reference text not null,
  reason text,
  by_whom text not null,
  at timestamptz not null,
  primary key (id, change)
);
create index holds_scope on holds (scope_kind, md5(scope));

-- Removals by order: ordered by one row, done by another.
create table tombstones (
  id uuid not null,
  change text not null check (change in ('ordered', 'done')),
  targets text[] not null,
  capture_ids uuid[] not null default '{}',
  authority text not null,
  reference text not null,
  reason text,
  by_whom text not null,
  detail jsonb not null default '{}',
  at timestamptz not null,
  primary key (id, change)
);
create index tombstones_targets on tombstones using gin (targets);

do $$
declare name text;
begin
  foreach name in array array['pseudonyms', 'log_entries', 'log_nodes', 'checkpoints',
    'checkpoint_timestamps', 'checkpoint_cosignatures', 'fixity_checks', 'holds', 'tombstones']
  loop
    execute format('create trigger append_only before update or delete on %I
      for each row execute function refuse_change()', name);
    execute format('create trigger append_only_truncate before truncate on %I
      for each statement execute function refuse_change()', name);
    execute format('alter table %I enable always trigger append_only', name);
    execute format('alter table %I enable always trigger append_only_truncate', name);
  end loop;
end $$;

-- Mutable, and named as such: none of these is evidence.

-- Closed captures whose entry is not in the log: those that were closed before there was
-- one, or by a rebuild. A projection, kept by the two triggers below.
create table unlogged_captures (
  capture_id uuid primary key references captures (id),
  manifest_sha256 text not null
);
create index unlogged_captures_manifest on unlogged_captures (manifest_sha256);
insert into unlogged_captures select capture_id, manifest_sha256 from capture_outcomes;

create function note_unlogged() returns trigger language plpgsql set search_path from current as $$
begin
  insert into unlogged_captures (capture_id, manifest_sha256)
  select closed.capture_id, closed.manifest_sha256 from closed
  where not exists (
    select from log_entries where log_entries.manifest_sha256 = closed.manifest_sha256
  );
  return null;
end $$;
create trigger note_unlogged after insert on capture_outcomes referencing new table as closed
  for each statement execute function note_unlogged();

create function note_logged() returns trigger language plpgsql set search_path from current as $$
begin
  delete from unlogged_captures using appended
  where unlogged_captures.manifest_sha256 = appended.manifest_sha256;
  return null;
end $$;
create trigger note_logged after insert on log_entries referencing new table as appended
  for each statement execute function note_logged();

-- When each authority is asked again for a token over a checkpoint.
create table timestamp_turns (
  size bigint not null,
  authority text not null,
  tries integer not null default 0,
  next_at timestamptz not null,
  failure text,
  primary key (size, authority)
);

-- What each witness has seen last, as far as we know.
create table witness_turns (
  witness text primary key,
  size bigint not null default 0,
  next_at timestamptz not null,
  failure text
);

-- When each stored object is hashed again. A projection, kept by the trigger below.
create table fixity_turns (
  sha256 text primary key,
  size_bytes bigint not null,
  checked_at timestamptz not null
);
create index fixity_turns_checked on fixity_turns (checked_at);
insert into fixity_turns
  select sha256, max(size_bytes), min(stored_at) from artifacts group by sha256;

create function note_stored() returns trigger language plpgsql set search_path from current as $$
begin
  insert into fixity_turns (sha256, size_bytes, checked_at)
  select stored.sha256, max(stored.size_bytes), min(stored.stored_at) from stored
  group by stored.sha256
  on conflict do nothing;
  return null;
end $$;
create trigger note_stored after insert on artifacts referencing new table as stored
  for each statement execute function note_stored();
