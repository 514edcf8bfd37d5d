/** What observations say about a source today. A conclusion, never part of a capture. */
import { type Availability, tellingSignals } from '../model/signals.ts';
import type { AvailabilityRule } from '../model/watch-rules.ts';
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

export type { Availability } from '../model/signals.ts';

export interface SourceNow {
  availability: Availability;
  /** The signal behind `suspect`, `removed` and `restricted`. */
  kind: string | null;
  /** First visit of the unbroken run that says so. */
  since: Date | null;
  /** Last visit that said anything about the source; if none ever did, the last visit. */
  lastCheck: Date | null;
}

/** One visit never proves a removal, so a missing source is `suspect` here. */
const ofOneVisit = {
  present: 'available',
  restricted: 'restricted',
  stated: 'suspect',
  silent: 'suspect',
  nothing: 'unknown',
} as const;

const meanings = JSON.stringify(
  tellingSignals.map(({ signal, standing }, rank) => ({
    signal,
    availability: ofOneVisit[standing],
    kind: standing === 'present' ? null : signal,
    rank,
  })),
);

/** Written so that nobody takes it for rare: the latest of thousands is then the first in its index. */
const isSameKey = 'coalesce(source_key = key, false)';

const unknown: SourceNow = {
  availability: 'unknown',
  kind: null,
  since: null,
  lastCheck: null,
};

/**
 * What was concluded from all visits, where that took the last one into account; else what
 * the last visits say by themselves. Only for these are all of them read: a source that is
 * watched has thousands.
 * @returns an answer for every key that was asked about
 */
export async function sourcesNow(
  db: Queryable,
  sourceKeys: string[],
): Promise<Map<string, SourceNow>> {
  const { rows } = await db.query<SourceNow & { source: string }>(
    `with asked as (
       select key, heard.at as heard_at, told.at as told_at, concluded.source_key is not null as is_concluded,
         concluded.availability, concluded.kind, concluded.since
       from (select distinct key from unnest($1::text[]) as key) named
       left join lateral (
         select observed_at as at from observations
         where md5(source_key) = md5(key) and ${isSameKey}
         order by observed_at desc limit 1
       ) heard on true
       left join lateral (
         select observed_at as at from observations
         where md5(source_key) = md5(key) and ${isSameKey} and signal = any($3::text[])
         order by observed_at desc limit 1
       ) told on true
       left join source_now concluded on md5(concluded.source_key) = md5(key)
         and concluded.source_key = key and concluded.last_visit >= heard.at
     ), observed as (
       select asked.key, coalesce(made.capture_id, made.check_id, made.id) as visit,
         made.observed_at, meaning.availability, meaning.kind, meaning.rank
       from asked
       cross join lateral (
         select * from observations where md5(source_key) = md5(key) and source_key = key offset 0
       ) made
       join jsonb_to_recordset($2) as meaning
         (signal text, availability text, kind text, rank int) using (signal)
       where not is_concluded
     ), visited as (
       select distinct on (key, visit) key, availability, kind,
         max(observed_at) over (partition by key, visit) as at
       from observed order by key, visit, rank, observed_at desc
     ), latest as (
       select distinct on (key) * from visited order by key, at desc
     )
     select asked.key as source,
       coalesce(asked.availability, latest.availability, 'unknown') as availability,
       case when is_concluded then asked.kind else latest.kind end as kind,
       case when is_concluded then asked.since else
         (select min(same.at) from visited same
           where same.key = latest.key and same.at > coalesce((
             select max(other.at) from visited other where other.key = latest.key
               and (other.availability, other.kind)
                 is distinct from (latest.availability, latest.kind)
           ), '-infinity')) end as since,
       coalesce(told_at, heard_at) as "lastCheck"
     from asked left join latest on latest.key = asked.key`,
    [sourceKeys, meanings, tellingSignals.map(({ signal }) => signal)],
  );
  const found = new Map(rows.map(({ source, ...now }) => [source, now]));
  return new Map(sourceKeys.map((key) => [key, found.get(key) ?? unknown]));
}

/** What the projection holds of a source. `Assessment` is the watch room's; here it is JSON. */
export interface ConcludedRow<Assessment = unknown> {
  sourceKey: string;
  platform: string;
  /** Author or host; the key itself where unknown. */
  party: string;
  availability: Availability;
  kind: string | null;
  since: Date | null;
  firstSeen: Date | null;
  lastSeen: Date | null;
  firstMissed: Date | null;
  confirmedAt: Date | null;
  missingSince: Date | null;
  lastTold: Date | null;
  lastVisit: Date | null;
  /** SHA-256 of what mattered in the source, by route, as last observed. */
  content: Record<string, string>;
  /** So many checks in a row saw the same content; 0 right after another one. */
  steady: number;
  assessment: Assessment;
  /** By which it was concluded; `null` where that was not written down. */
  rule: AvailabilityRule | null;
}

const columns = `
  source_key as "sourceKey", platform, party, availability, kind, since,
  first_seen as "firstSeen", last_seen as "lastSeen", first_missed as "firstMissed",
  confirmed_at as "confirmedAt", missing_since as "missingSince", last_told as "lastTold",
  last_visit as "lastVisit", content, steady, assessment, rule`;

/** @returns the rows that there are, by key */
export async function concludedAbout<Assessment>(
  db: Queryable,
  sourceKeys: string[],
): Promise<Map<string, ConcludedRow<Assessment>>> {
  const { rows } = await db.query<ConcludedRow<Assessment>>(
    `select ${columns} from unnest($1::text[]) as asked (key)
     join source_now on md5(source_key) = md5(key) and source_key = key`,
    [[...new Set(sourceKeys)]],
  );
  return new Map(rows.map((row) => [row.sourceKey, row]));
}

/** Takes the place of what was concluded before. */
export async function saveConclusions(db: Queryable, rows: ConcludedRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into source_now (source_key, platform, party, availability, kind, since, first_seen,
       last_seen, first_missed, confirmed_at, missing_since, last_told, last_visit, content,
       steady, assessment, rule)
     select "sourceKey", platform, party, availability, kind, since, "firstSeen", "lastSeen",
       "firstMissed", "confirmedAt", "missingSince", "lastTold", "lastVisit", content, steady,
       assessment, nullif(rule, 'null')
     from jsonb_to_recordset($1) as row ("sourceKey" text, platform text, party text,
       availability text, kind text, since timestamptz, "firstSeen" timestamptz,
       "lastSeen" timestamptz, "firstMissed" timestamptz, "confirmedAt" timestamptz,
       "missingSince" timestamptz, "lastTold" timestamptz, "lastVisit" timestamptz,
       content jsonb, steady int, assessment jsonb, rule jsonb)
     on conflict (md5(source_key)) do update set
       platform = excluded.platform, party = excluded.party,
       availability = excluded.availability, kind = excluded.kind, since = excluded.since,
       first_seen = excluded.first_seen, last_seen = excluded.last_seen,
       first_missed = excluded.first_missed, confirmed_at = excluded.confirmed_at,
       missing_since = excluded.missing_since, last_told = excluded.last_told,
       last_visit = excluded.last_visit, content = excluded.content, steady = excluded.steady,
       assessment = excluded.assessment, rule = excluded.rule`,
    [storableJson(rows)],
  );
}

/**
 * Of a platform's authors (or hosts): how many were looked at since `since`, and how many of
 * these have a source that went missing, after it had been seen, since `missingSince`. What
 * was concluded to be removed is no longer in question.
 */
export async function platformNow(
  db: Queryable,
  platform: string,
  since: Date,
  missingSince: Date,
): Promise<{ visited: number; missing: number }> {
  const { rows } = await db.query<{ visited: number; missing: number }>(
    `select count(distinct party) as visited,
       count(distinct party) filter (where missing_since >= $3 and first_seen is not null
         and availability <> 'removed') as missing
     from source_now where platform = $1 and last_visit >= $2`,
    [platform, since, missingSince],
  );
  return rows[0] ?? { visited: 0, missing: 0 };
}

export interface AuthorRow {
  sourceKey: string;
  authorId: string | null;
  /** When it was posted, as its id says. */
  bornAt: Date | null;
}

/** Who posted these sources, and when, as the newest capture of each found it. */
export async function authorsOf(
  db: Queryable,
  sourceKeys: string[],
): Promise<Map<string, AuthorRow>> {
  const { rows } = await db.query<AuthorRow>(
    `select asked.key as "sourceKey", post.author_id as "authorId",
       coalesce(post.id_time, post.claimed_at) as "bornAt"
     from unnest($1::text[]) as asked (key)
     cross join lateral (
       select captured_posts.* from capture_outcomes join captured_posts using (capture_id)
       where md5(capture_outcomes.source_key) = md5(asked.key)
         and capture_outcomes.source_key = asked.key
       order by finished_at desc limit 1
     ) post`,
    [[...new Set(sourceKeys)]],
  );
  return new Map(rows.map((row) => [row.sourceKey, row]));
}
