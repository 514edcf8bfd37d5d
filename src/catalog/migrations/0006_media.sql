-- What was read in pictures and heard in recordings: searchable beside posts and pages.

-- The same word in its many spellings: Unicode's compatible forms become one, Arabic marks
-- and stretching fall away, letters that are written for each other become one, digits
-- become ASCII, and marks that only turn the direction of writing are dropped.
create function searchable_text(words text) returns text
language sql immutable parallel safe as $$
  select translate(
    regexp_replace(normalize(words, NFKC),
      '[\u0610-\u061A\u061C\u0640\u064B-\u065F\u0670\u200B-\u200F\u202A-\u202E\u2066-\u2069\uFEFF]',
      '', 'g'),
    'أإآٱىةؤئکی٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹',
    'اااايهويكي01234567890123456789')
$$;

create table captured_texts (
  capture_id uuid not null references captures (id),
  -- Of the artifact that holds it whole, with boxes or times.
  name text not null,
  kind text not null check (kind in ('ocr', 'transcript')),
  -- Of the picture, frame or recording that it was read from.
  read_from text not null check (read_from ~ '^[0-9a-f]{64}$'),
  body text not null,
  -- Whole words as they stand, and by their stems in the two languages that are read.
  search tsvector generated always as (
    to_tsvector('simple', searchable_text(left(body, 100000)))
    || to_tsvector('arabic', searchable_text(left(body, 100000)))
    || to_tsvector('english', searchable_text(left(body, 100000)))
  ) stored,
  primary key (capture_id, name)
);
create index captured_texts_search on captured_texts using gin (search);

create trigger append_only before update or delete on captured_texts
  for each row execute function refuse_change();
create trigger append_only_truncate before truncate on captured_texts
  for each statement execute function refuse_change();
alter table captured_texts enable always trigger append_only;
alter table captured_texts enable always trigger append_only_truncate;

-- The same picture need not be read twice by the same reader.
create index artifacts_ocr on artifacts (derived_from) where role = 'ocr';
