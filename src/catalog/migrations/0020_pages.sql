-- What the pages need: material that people marked as graphic, how often it was looked at, and
-- what somebody has seen already.

-- A source that somebody marked as graphic, with the files that it held then: whatever holds one
-- of these is withheld too. Taken back by another mark; nothing is ever deleted. The record lies
-- in the vault first (`graphic-marks`).
create table graphic_marks (
  id uuid primary key,
  mark text not null check (mark in ('graphic', 'undo')),
  source_key text,
  files text[] not null default '{}',
  undoes uuid references graphic_marks (id),
  note text,
  marked_by text not null,
  marked_at timestamptz not null,
  check ((mark = 'undo') = (undoes is not null)),
  check ((mark = 'undo') = (source_key is null))
);
create index graphic_marks_source on graphic_marks (md5(source_key));
create index graphic_marks_files on graphic_marks using gin (files);
create index graphic_marks_undoes on graphic_marks (undoes);

create trigger append_only before update or delete on graphic_marks
  for each row execute function refuse_change();
create trigger append_only_truncate before truncate on graphic_marks
  for each statement execute function refuse_change();
alter table graphic_marks enable always trigger append_only;
alter table graphic_marks enable always trigger append_only_truncate;

-- Mutable, and named as such: none of what follows is evidence.

-- Each time somebody had marked material shown: for their own sake, not against them.
create table exposures (
  who text not null,
  capture_id uuid not null references captures (id),
  at timestamptz not null default clock_timestamp()
);
create index exposures_who on exposures (who, at desc);

-- Up to where somebody has looked: everything (an empty `about`), or one source.
create table last_looks (
  who text not null,
  about text not null,
  capture_id uuid references captures (id),
  position bigint,
  at timestamptz not null default clock_timestamp()
);
create unique index last_looks_one on last_looks (who, md5(about));

-- Which sources are in doubt now.
create index source_now_doubt on source_now (availability, since desc)
  where availability in ('suspect', 'removed', 'restricted');
