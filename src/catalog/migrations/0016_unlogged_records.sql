-- Records of the vault get into the log by their digests, in batches: submissions, checks,
-- events, plans of watches, decisions. What waits for its batch is here, noted together with
-- the rows that it is the record of. A projection: the vault and the log tell what waits.
create table unlogged_records (
  kind text not null,
  name text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  noted_at timestamptz not null default now(),
  primary key (kind, name)
);
create index unlogged_records_noted on unlogged_records (noted_at);

-- The rule by which a conclusion was drawn, so that it can be drawn again after the settings
-- have changed. Null: nobody wrote it down then.
alter table checks add column rule jsonb;
alter table source_now add column rule jsonb;
