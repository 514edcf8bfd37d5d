/** Legal holds: what may not be removed, on whose word. */
import type { Queryable } from './database.ts';

export type HoldScope = 'capture' | 'case' | 'object';

export interface HoldRow {
  id: string;
  change: 'set' | 'released';
  scopeKind: HoldScope;
  /** Capture id, case name, or SHA-256. */
  scope: string;
  authority: string;
  reference: string;
  reason: string | null;
  byWhom: string;
  at: Date;
}

const columns = `
  id, change, scope_kind as "scopeKind", scope, authority, reference, reason,
  by_whom as "byWhom", at`;

export async function insertHold(tx: Queryable, row: HoldRow): Promise<void> {
  await tx.query(
    `insert into holds (id, change, scope_kind, scope, authority, reference, reason, by_whom, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
    [
      row.id,
      row.change,
      row.scopeKind,
      row.scope,
      row.authority,
      row.reference,
      row.reason,
      row.byWhom,
      row.at,
    ],
  );
}

const active = `
  change = 'set' and not exists (
    select from holds as released where released.id = holds.id and released.change = 'released')`;

export async function activeHolds(db: Queryable): Promise<HoldRow[]> {
  const { rows } = await db.query<HoldRow>(
    `select ${columns} from holds where ${active} order by at, id`,
  );
  return rows;
}

/** Holds in force on these objects, on captures that hold them, or on the cases of those. */
export async function holdsOn(
  db: Queryable,
  sha256s: string[],
  captureIds: string[],
): Promise<HoldRow[]> {
  const { rows } = await db.query<HoldRow>(
    `with concerned (id) as (
       select unnest($2::uuid[])
       union select capture_id from artifacts where sha256 = any($1)
       -- What was made of evidence is held with it.
       union select artifacts.capture_id from derived_files
         join derivations on derivations.id = derivation_id
         join artifacts on artifacts.sha256 = derivations.subject
         where derived_files.sha256 = any($1)
     )
     select ${columns} from holds where ${active} and (
       (scope_kind = 'object' and scope = any($1))
       or (scope_kind = 'capture' and scope in (select id::text from concerned))
       or (scope_kind = 'case' and scope in (
         select case_name from submissions where capture_id in (select id from concerned)
           and case_name is not null
         union
         select member.case_name from captures_resolved
         cross join lateral case_sources(null, captures_resolved.source_key) member
         where captures_resolved.id in (select id from concerned)
         union
         -- What was taken out of a case stays under its hold.
         select filings.value from captures_resolved
         cross join lateral keys_of_source(captures_resolved.source_key) keys
         join filings on md5(filings.source_key) = md5(keys.source_key)
           and filings.source_key = keys.source_key and filings.kind = 'case'
         where captures_resolved.id in (select id from concerned))))
     order by at, id`,
    [sha256s, captureIds],
  );
  return rows;
}
