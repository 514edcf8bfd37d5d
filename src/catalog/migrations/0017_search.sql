-- One row a capture with everything that a person may remember of it. Its words are normalised
-- by the program (src/search), the same for texts and for questions.

-- Mutable, and named as such: none of this is evidence.

-- A projection: made again from the append-only tables by the program.
create table searchable_captures (
  capture_id uuid primary key references captures (id),
  opened_at timestamptz not null,
  -- What it is closed on; until then what resolving found, or what was asked for.
  source_key text not null,
  -- `unfinished` while it has none.
  state text not null,
  platform text not null,
  host text,
  author text,
  cases text[] not null,
  tags text[] not null,
  languages text[] not null,
  has text[] not null,
  -- Links as pasted and resolved, keys and handles, in small letters, one a line.
  addresses text not null,
  -- Words with their places, stems (`~convoy`), and what fields hold (`=case qamishli`).
  words tsvector not null
);
-- Long vectors lie beside the row, so that rows are read quickly, and as they are.
alter table searchable_captures alter column words set storage external;
create index searchable_captures_opened on searchable_captures (opened_at desc, capture_id desc);
create index searchable_captures_source on searchable_captures (md5(source_key));
-- New words wait in a list that every search reads: a short one.
create index searchable_captures_words on searchable_captures using gin (words)
  with (gin_pending_list_limit = 512);

-- Captures whose row is no longer what it should be. Whoever reads a mark takes it away; there
-- may be several of one capture, so that nobody who writes ever waits for somebody who reads.
create table searchable_stale (
  id bigint generated always as identity primary key,
  capture_id uuid not null
);

create function note_stale() returns trigger language plpgsql set search_path from current as $$
begin
  insert into searchable_stale (capture_id)
  select distinct capture_id from touched where capture_id is not null;
  return null;
end $$;

do $$
declare name text;
begin
  foreach name in array array['submissions', 'source_aliases', 'captured_posts', 'captured_pages',
    'captured_texts', 'capture_outcomes']
  loop
    execute format('create trigger note_stale after insert on %I referencing new table as touched
      for each statement execute function note_stale()', name);
  end loop;
end $$;

create function note_changed_stale() returns trigger
  language plpgsql set search_path from current as $$
begin
  insert into searchable_stale (capture_id)
  select distinct captures.id from touched join captures on captures.id::text = detail ->> 'capture'
  where kind = 'changed';
  return null;
end $$;
create trigger note_stale after insert on events referencing new table as touched
  for each statement execute function note_changed_stale();

-- Words that were read or heard are of every capture that holds the file.
create function note_read_stale() returns trigger language plpgsql set search_path from current as $$
begin
  insert into searchable_stale (capture_id)
  select distinct artifacts.capture_id from touched
  join derivations on derivations.id = touched.derivation_id
  join artifacts on artifacts.sha256 = derivations.subject;
  return null;
end $$;
create trigger note_stale after insert on derived_texts referencing new table as touched
  for each statement execute function note_read_stale();
create trigger note_unread_stale after delete on derived_texts referencing old table as touched
  for each statement execute function note_read_stale();

-- What is removed by order is gone from what is searched in the same moment. The row is marked
-- first: whoever makes rows takes marks and never waits for rows.
create function forget_searchable() returns trigger
  language plpgsql set search_path from current as $$
begin
  insert into searchable_stale (capture_id) select distinct capture_id from touched;
  update searchable_captures set words = '' from touched
  where searchable_captures.capture_id = touched.capture_id;
  return null;
end $$;
create trigger forget_searchable after update on captured_pages referencing old table as touched
  for each statement execute function forget_searchable();
create trigger forget_searchable after delete on captured_texts referencing old table as touched
  for each statement execute function forget_searchable();

create function forget_derived_searchable() returns trigger
  language plpgsql set search_path from current as $$
declare holders uuid[] := array(
  select distinct artifacts.capture_id from touched join artifacts on sha256 = subject);
begin
  insert into searchable_stale (capture_id) select unnest(holders);
  update searchable_captures set words = '' where capture_id = any (holders);
  return null;
end $$;
create trigger forget_searchable after delete on derivations referencing old table as touched
  for each statement execute function forget_derived_searchable();

insert into searchable_stale (capture_id) select id from captures order by opened_at, id;

-- Parts of links and handles are found by trigrams, where the server has the extension and lets
-- this user create it; without it every row is looked at. Returns whether the index is there.
create function ensure_address_index() returns boolean
  language plpgsql set search_path from current as $$
declare place text;
begin
  if to_regclass('searchable_captures_addresses') is not null then
    return true;
  end if;
  begin
    if not exists (select from pg_extension where extname = 'pg_trgm') then
      create extension pg_trgm schema public;
    end if;
  exception when others then return false;
  end;
  select nspname into place from pg_extension join pg_namespace on pg_namespace.oid = extnamespace
  where extname = 'pg_trgm';
  execute format('create index searchable_captures_addresses on searchable_captures
    using gin (addresses %I.gin_trgm_ops)', place);
  return true;
end $$;
select ensure_address_index();
