-- Derivations: what is made of evidence (keyframes, fingerprints, text in pictures …). Each
-- belongs to the digests of its inputs, whichever capture asked for it first.

create table derivations (
  id uuid primary key,
  kind text not null,
  -- SHA-256 of the evidence that it is of; of a rendering, that of the manifest.
  subject text not null check (subject ~ '^[0-9a-f]{64}$'),
  inputs text[] not null,
  -- Tool, version and rules: where they agree, making it again makes the same.
  key text not null,
  state text not null check (state in ('done', 'failed', 'skipped')),
  reason text,
  -- Of the record in the vault.
  record_sha256 text not null check (record_sha256 ~ '^[0-9a-f]{64}$'),
  tools jsonb not null,
  arguments jsonb not null,
  detail jsonb not null,
  started_at timestamptz not null,
  finished_at timestamptz not null
);
create index derivations_subject on derivations (subject, kind, finished_at desc);
create index derivations_inputs on derivations using gin (inputs);
create index derivations_record on derivations (record_sha256);

create table derived_files (
  derivation_id uuid not null references derivations (id) on delete cascade,
  -- Relative to the subject: a capture shows it below the name of its own file.
  name text not null,
  role text not null,
  media_type text not null,
  size_bytes bigint not null check (size_bytes >= 0),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  derived_from text check (derived_from ~ '^[0-9a-f]{64}$'),
  media jsonb,
  pdq jsonb,
  facts jsonb not null default '{}',
  primary key (derivation_id, name)
);
create index derived_files_sha256 on derived_files (sha256);
-- The same picture need not be read twice by the same reader.
create index derived_files_ocr on derived_files (derived_from) where role = 'ocr';

-- A derive job of a capture that has ended: one entry of the log each.
create table derive_jobs (
  id uuid primary key,
  capture_id uuid not null references captures (id) deferrable initially deferred,
  -- Of the records that it made or took over, in order.
  records text[] not null,
  log_index bigint not null,
  finished_at timestamptz not null
);
create index derive_jobs_capture on derive_jobs (capture_id);
create index derive_jobs_records on derive_jobs using gin (records);

-- A removal by order takes what was made of the removed with it; that is the one change that
-- these tables allow, and only once the order is written down.
create function refuse_other_than_ordered_derivation() returns trigger
  language plpgsql set search_path from current as $$
begin
  if tg_op = 'DELETE' and exists (
    select from removals where targets @> array[old.record_sha256])
  then
    return old;
  end if;
  raise exception 'the table % is append-only', tg_table_name using errcode = 'HF001';
end $$;

create function refuse_other_than_ordered_file() returns trigger
  language plpgsql set search_path from current as $$
begin
  -- The cascade comes once the derivation itself is gone, which its own trigger has judged.
  if tg_op = 'DELETE' and not exists (select from derivations where id = old.derivation_id) then
    return old;
  end if;
  raise exception 'the table % is append-only', tg_table_name using errcode = 'HF001';
end $$;

create trigger append_only before update or delete on derivations
  for each row execute function refuse_other_than_ordered_derivation();
create trigger append_only before update or delete on derived_files
  for each row execute function refuse_other_than_ordered_file();
create trigger append_only before update or delete on derive_jobs
  for each row execute function refuse_change();
do $$
declare name text;
begin
  foreach name in array array['derivations', 'derived_files', 'derive_jobs']
  loop
    execute format('create trigger append_only_truncate before truncate on %I
      for each statement execute function refuse_change()', name);
    execute format('alter table %I enable always trigger append_only', name);
    execute format('alter table %I enable always trigger append_only_truncate', name);
  end loop;
end $$;

-- Mutable, and named as such: none of what follows is evidence.

-- Of each kind the newest derivation that ended well. A projection: made again from the rows above.
create table newest_derivations (
  subject text not null,
  kind text not null,
  derivation_id uuid not null references derivations (id) on delete cascade,
  primary key (subject, kind)
);
create index newest_derivations_id on newest_derivations (derivation_id);

-- What was read in pictures and heard in recordings, by the newest reader. A projection too.
create table derived_texts (
  derivation_id uuid not null references derivations (id) on delete cascade,
  name text not null,
  kind text not null check (kind in ('ocr', 'transcript')),
  read_from text not null check (read_from ~ '^[0-9a-f]{64}$'),
  body text not null,
  search tsvector generated always as (
    to_tsvector('simple', searchable_text(left(body, 100000)))
    || to_tsvector('arabic', searchable_text(left(body, 100000)))
    || to_tsvector('english', searchable_text(left(body, 100000)))
  ) stored,
  primary key (derivation_id, name)
);
create index derived_texts_search on derived_texts using gin (search);

-- The index of fingerprints holds what the newest derivation gave, and forgets what was removed.
drop trigger append_only on fingerprinted_files;
drop trigger append_only on fingerprints;
drop trigger append_only on sound_prints;

-- Captures whose derive job has not ended. A row, so that none is lost.
create table waiting_derivations (
  capture_id uuid primary key references captures (id),
  job_id uuid not null default gen_random_uuid(),
  -- null: whatever its evidence calls for.
  kinds text[],
  -- Asked for: made again although it was made before, and after everything else.
  again boolean not null default false,
  asked_at timestamptz not null default now(),
  -- How often it was handed to the queue, and when.
  round integer not null default 0,
  handed_at timestamptz
);
create index waiting_derivations_turn on waiting_derivations (again, asked_at, capture_id);

-- Media are compared once both captures have fingerprints; text and record are not kept waiting.
alter table uncompared_captures add column text_compared boolean not null default false;

-- Derived files are hashed again in their turn, like everything else.
create function note_derived() returns trigger language plpgsql set search_path from current as $$
begin
  insert into fixity_schedule (sha256, size_bytes, checked_at)
  select stored.sha256, max(stored.size_bytes), now() from stored group by stored.sha256
  on conflict do nothing;
  return null;
end $$;
create trigger note_derived after insert on derived_files referencing new table as stored
  for each statement execute function note_derived();
