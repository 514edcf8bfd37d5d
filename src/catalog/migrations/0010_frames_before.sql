-- A video that comes again is not decoded again: what was made of it is found by its digest.
create index artifacts_hash_track on artifacts (derived_from) where role = 'hash-track';
