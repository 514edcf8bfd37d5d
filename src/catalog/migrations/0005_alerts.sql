-- Alerts: which events are told to whom, how that went, and who took note.

-- Append-only.
create table alert_attempts (
  alert_id uuid not null,
  attempt integer not null,
  delivered boolean not null,
  http_status integer,
  reason text,
  at timestamptz not null,
  primary key (alert_id, attempt)
);

create table alert_acknowledgements (
  event_id uuid primary key references events (id),
  acknowledged_by text not null,
  note text,
  at timestamptz not null
);

do $$
declare name text;
begin
  foreach name in array array['alert_attempts', 'alert_acknowledgements']
  loop
    execute format('create trigger append_only before update or delete on %I
      for each row execute function refuse_change()', name);
    execute format('create trigger append_only_truncate before truncate on %I
      for each statement execute function refuse_change()', name);
    execute format('alter table %I enable always trigger append_only', name);
    execute format('alter table %I enable always trigger append_only_truncate', name);
  end loop;
end $$;

create index events_kind on events (kind, at desc);

-- Mutable, and named as such: none of these is evidence.

-- Events that nobody has looked at yet for alerts. A projection: filled by the trigger
-- below in the transaction of the event itself, so that none is lost and none comes twice.
create table alert_inbox (event_id uuid primary key references events (id));

create function note_event() returns trigger language plpgsql set search_path from current as $$
begin
  insert into alert_inbox (event_id) select id from happened;
  return null;
end $$;
create trigger note_event after insert on events referencing new table as happened
  for each statement execute function note_event();

-- One message to one channel, waiting or done.
create table alerts (
  id uuid primary key,
  channel text not null,
  event_ids uuid[] not null,
  -- Gathers further events until it is due.
  gathers boolean not null,
  -- Which telling of the same events this is; above 1 nobody had taken note before.
  telling integer not null default 1,
  state text not null default 'waiting'
    check (state in ('waiting', 'delivered', 'given-up', 'needless')),
  attempts integer not null default 0,
  made_at timestamptz not null,
  due_at timestamptz not null
);
create index alerts_due on alerts (due_at) where state = 'waiting';
create index alerts_channel on alerts (channel, made_at desc);

-- A receiver that says "gone" (410) is not called again until somebody enables it.
create table alert_channels_off (
  channel text primary key,
  reason text not null,
  since timestamptz not null
);

-- Processes that take jobs; one that ends properly takes its row out.
create table worker_heartbeats (
  worker_id uuid primary key,
  host text not null,
  process_id integer not null,
  started_at timestamptz not null,
  seen_at timestamptz not null
);
