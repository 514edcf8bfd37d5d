-- Words are looked up in searchable_captures alone.
alter table captured_posts drop column search;
alter table captured_pages drop column search;
alter table captured_texts drop column search;
alter table derived_texts drop column search;
drop function searchable_text(text);
