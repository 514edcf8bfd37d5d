-- Words that stand in a file go with it when it is removed by order. That is the one change
-- which these two tables allow, and only once the order is written down.
create function is_removed(capture uuid, file text) returns boolean
  language sql stable set search_path from current as $$
  select exists (
    select from artifacts join tombstones on tombstones.targets @> array[artifacts.sha256]
    where artifacts.capture_id = capture and artifacts.name = file)
$$;

create function refuse_other_than_emptying() returns trigger
  language plpgsql set search_path from current as $$
begin
  if tg_op = 'UPDATE' and is_removed(old.capture_id, old.view || '/text.txt')
    and (new.capture_id, new.view, new.final_url, new.http_status, new.title, new.body)
      is not distinct from (old.capture_id, old.view, old.final_url, old.http_status, old.title, '')
  then
    return new;
  end if;
  raise exception 'the table % is append-only', tg_table_name using errcode = 'HF001';
end $$;

create function refuse_other_than_removal() returns trigger
  language plpgsql set search_path from current as $$
begin
  if tg_op = 'DELETE' and is_removed(old.capture_id, old.name) then
    return old;
  end if;
  raise exception 'the table % is append-only', tg_table_name using errcode = 'HF001';
end $$;

drop trigger append_only on captured_pages;
create trigger append_only before update or delete on captured_pages
  for each row execute function refuse_other_than_emptying();
alter table captured_pages enable always trigger append_only;

drop trigger append_only on captured_texts;
create trigger append_only before update or delete on captured_texts
  for each row execute function refuse_other_than_removal();
alter table captured_texts enable always trigger append_only;
