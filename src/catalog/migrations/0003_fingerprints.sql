-- Perceptual hashes (PDQ, 256 bits) of pictures and of frames of videos, and the search for
-- near ones without an extension. Derived: all of it can be made again from the vault.

-- One row for each file whose hashes are in the index, by its digest: the same bytes in
-- another capture have the same hashes.
create table fingerprinted_files (
  id bigint generated always as identity primary key,
  sha256 text not null unique check (sha256 ~ '^[0-9a-f]{64}$'),
  kind text not null check (kind in ('picture', 'video')),
  -- Which rasters and views: hashes of another method are not compared with these.
  method text not null,
  -- The hash of every frame, kept as an artifact (role hash-track); null for a picture.
  track_sha256 text check (track_sha256 ~ '^[0-9a-f]{64}$'),
  made_at timestamptz not null
);

create table fingerprints (
  file_id bigint not null references fingerprinted_files (id),
  -- Milliseconds from the start of a video; null for a picture.
  at_ms integer,
  -- The part of the picture: 'full', 'crop-90', 'crop-90/q1' …
  view text not null,
  -- Only hashes that say something of their picture are here.
  quality smallint not null check (quality between 50 and 100),
  hash bit(256) not null
);
create index fingerprints_file on fingerprints (file_id, at_ms);

-- What a person decided about two files, or about one; whatever is decided can be taken
-- back by another decision. Nothing is ever deleted.
create table cluster_decisions (
  id uuid primary key,
  decision text not null check (decision in ('same-scene', 'unrelated', 'primary', 'undo')),
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  other_sha256 text check (other_sha256 ~ '^[0-9a-f]{64}$'),
  undoes uuid references cluster_decisions (id),
  note text,
  decided_by text not null,
  decided_at timestamptz not null,
  check ((decision = 'undo') = (undoes is not null)),
  check ((decision = 'undo') = (sha256 is null)),
  check ((decision in ('same-scene', 'unrelated')) = (other_sha256 is not null))
);
create index cluster_decisions_sha256 on cluster_decisions (sha256);
create index cluster_decisions_other on cluster_decisions (other_sha256);

-- What was found alike is an event of the later capture; these lead from a file to it.
create index events_similar on events ((detail ->> 'sha256')) where kind = 'similar.found';
create index events_similar_other on events ((detail ->> 'otherSha256'))
  where kind = 'similar.found';

do $$
declare name text;
begin
  foreach name in array array['fingerprinted_files', 'fingerprints', 'cluster_decisions']
  loop
    execute format('create trigger append_only before update or delete on %I
      for each row execute function refuse_change()', name);
    execute format('create trigger append_only_truncate before truncate on %I
      for each statement execute function refuse_change()', name);
    execute format('alter table %I enable always trigger append_only', name);
    execute format('alter table %I enable always trigger append_only_truncate', name);
  end loop;
end $$;

-- The search. A hash is cut into eleven keys: five of 24 bits, five of 23, one of 21. If
-- two hashes differ by 31 bits or fewer, then one of the first ten keys differs by at most
-- two bits or the last one by at most one: otherwise at least 10 * 3 + 2 = 32 bits differ.
-- So all neighbours of each key at that many flipped bits, looked up exactly in a plain
-- index, miss nothing within 31. With one flipped bit fewer it is five times faster and
-- misses nothing within 20 and, of random flips, about one in 15 at 31.
create function hash_masks(bits integer, flips integer) returns integer[]
language sql immutable set search_path from current as $$
  select array(
    select 0 where flips >= 0
    union all
    select 1 << a from generate_series(0, bits - 1) a where flips >= 1
    union all
    select (1 << a) | (1 << b) from generate_series(0, bits - 1) a, generate_series(0, a - 1) b
    where flips >= 2
  )
$$;

-- Makes an index for each key, and fingerprints_near_0, _1 and _2 by how many bits a key
-- may differ. Written out by a loop, because the planner needs the keys as expressions.
do $do$
declare
  key_bits integer[] := array[24, 24, 24, 24, 24, 23, 23, 23, 23, 23, 21];
  first_bit integer := 1;
  key text;
  wanted_key text;
  conditions text[] := array['', '', ''];
  flips integer;
begin
  for i in 1 .. array_length(key_bits, 1) loop
    key := format('(substring(%%s from %s for %s)::bit(%s)::integer)',
      first_bit, key_bits[i], key_bits[i]);
    wanted_key := format(key, 'wanted');
    key := format(key, 'hash');
    execute format('create index fingerprints_key_%s on fingerprints (%s)', i, key);
    for flips in 0 .. 2 loop
      conditions[flips + 1] := conditions[flips + 1] || format(
        E'\n    %s %s = any (array(select %s # mask from unnest(%L::integer[]) mask))',
        case when i = 1 then '' else 'or' end, key, wanted_key,
        hash_masks(key_bits[i], case when i = 11 then greatest(flips - 1, 0) else flips end));
    end loop;
    first_bit := first_bit + key_bits[i];
  end loop;
  for flips in 0 .. 2 loop
    -- The planner would read the whole table for so many keys: it is told not to.
    execute format($sql$
      create function fingerprints_near_%s(wanted bit(256), radius integer)
      returns table (file_id bigint, at_ms integer, view text, quality smallint, distance integer)
      language plpgsql stable rows 10
      set search_path from current
      set plan_cache_mode = force_generic_plan
      set enable_seqscan = off
      set enable_indexscan = off as $fn$
      #variable_conflict use_column
      begin
        return query
        select file_id, at_ms, view, quality, bit_count(hash # wanted)::integer
        from fingerprints
        where bit_count(hash # wanted) <= radius and (%s);
      end $fn$ $sql$, flips, conditions[flips + 1]);
  end loop;
end $do$;
