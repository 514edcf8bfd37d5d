/** Files that look alike, as found by themselves and as people decided. Decisions take inserts only. */
import type { Queryable } from './database.ts';
import { storableJson } from './storable.ts';

export type Decision = 'same-scene' | 'unrelated' | 'primary' | 'undo';

export interface ClusterDecision {
  id: string;
  decision: Decision;
  /** `null` for `undo`, which names a decision. */
  sha256: string | null;
  /** The second of two, for `same-scene` and `unrelated`. */
  otherSha256: string | null;
  undoes: string | null;
  note: string | null;
  by: string;
  at: Date;
}

const columns = `
  id, decision, sha256, other_sha256 as "otherSha256", undoes, note, decided_by as by,
  decided_at as at`;

/** One that is there already stays as it is. */
export async function insertDecisions(db: Queryable, decisions: ClusterDecision[]): Promise<void> {
  await db.query(
    `insert into cluster_decisions
       (id, decision, sha256, other_sha256, undoes, note, decided_by, decided_at)
     select id, decision, sha256, "otherSha256", undoes, note, by, at
     from jsonb_to_recordset($1) as row (id uuid, decision text, sha256 text, "otherSha256" text,
       undoes uuid, note text, by text, at timestamptz)
     on conflict (id) do nothing`,
    [storableJson(decisions)],
  );
}

export async function decisionById(db: Queryable, id: string): Promise<ClusterDecision | null> {
  const { rows } = await db.query<ClusterDecision>(
    `select ${columns} from cluster_decisions where id::text = $1`,
    [id],
  );
  return rows[0] ?? null;
}

/** Decisions in force that name any of these files: those not undone. Oldest first. */
export async function decisionsOn(db: Queryable, files: string[]): Promise<ClusterDecision[]> {
  const { rows } = await db.query<ClusterDecision>(
    `select ${columns} from cluster_decisions decided
     where (sha256 = any ($1) or other_sha256 = any ($1))
       and not exists (select from cluster_decisions undo where undo.undoes = decided.id)
     order by decided_at, id`,
    [files],
  );
  return rows;
}

/** Those in force, the newest first. */
export async function latestDecisions(db: Queryable, limit: number): Promise<ClusterDecision[]> {
  const { rows } = await db.query<ClusterDecision>(
    `select ${columns} from cluster_decisions decided
     where decision <> 'undo'
       and not exists (select from cluster_decisions undo where undo.undoes = decided.id)
     order by decided_at desc, id desc limit $1`,
    [limit],
  );
  return rows;
}

export interface Likeness {
  sha256: string;
  otherSha256: string;
  share: number;
  distance: number;
}

/** What captures found alike that names any of these files. */
export async function likenessesOf(db: Queryable, files: string[]): Promise<Likeness[]> {
  const { rows } = await db.query<Likeness>(
    `select detail ->> 'sha256' as sha256, detail ->> 'otherSha256' as "otherSha256",
       (detail ->> 'share')::float as share, (detail ->> 'distance')::integer as distance
     from events
     where kind = 'similar.found'
       and (detail ->> 'sha256' = any ($1) or detail ->> 'otherSha256' = any ($1))`,
    [files],
  );
  return rows;
}

/** Every file that was found like another one. */
export async function filesFoundAlike(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ sha256: string }>(
    `select distinct unnest(array[detail ->> 'sha256', detail ->> 'otherSha256']) as sha256
     from events where kind = 'similar.found'
     union
     select unnest(array[sha256, other_sha256]) from cluster_decisions
     where decision = 'same-scene'`,
  );
  return rows.flatMap(({ sha256 }) => sha256 ?? []);
}
