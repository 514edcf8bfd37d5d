-- Words of documents are searched beside what was read in pictures and heard in recordings.
alter table derived_texts drop constraint derived_texts_kind_check;
alter table derived_texts
  add constraint derived_texts_kind_check check (kind in ('ocr', 'transcript', 'document'));
