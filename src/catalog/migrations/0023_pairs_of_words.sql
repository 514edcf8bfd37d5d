-- Words that follow each other are marks among the words of a capture now: rows are made again.
insert into searchable_stale (capture_id)
select capture_id from searchable_captures order by opened_at, capture_id;

-- What went less than well lately, without looking at all that went well.
create index capture_outcomes_short on capture_outcomes (finished_at) where state <> 'complete';
