-- Sound prints (Chromaprint) of media, to find the same sound under other pictures.
-- Derived: made again from the artifacts of role sound-print.
create table sound_prints (
  -- The medium that is heard.
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  -- The artifact with its whole print.
  print_sha256 text not null check (print_sha256 ~ '^[0-9a-f]{64}$'),
  -- The upper 28 bits of its items, each once; silence and other endless tones left out.
  keys integer[] not null,
  made_at timestamptz not null
);
create index sound_prints_keys on sound_prints using gin (keys) with (fastupdate = off);

create trigger append_only before update or delete on sound_prints
  for each row execute function refuse_change();
create trigger append_only_truncate before truncate on sound_prints
  for each statement execute function refuse_change();
alter table sound_prints enable always trigger append_only;
alter table sound_prints enable always trigger append_only_truncate;
