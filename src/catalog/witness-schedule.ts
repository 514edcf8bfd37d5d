/** What each witness has seen of our log, as far as we know, and when it is asked again. */
import type { Queryable } from './database.ts';

export interface WitnessTurn {
  witness: string;
  /** Of the tree that it saw last. */
  size: number;
  nextAt: Date;
  failure: string | null;
}

export async function witnessTurn(db: Queryable, witness: string): Promise<WitnessTurn | null> {
  const { rows } = await db.query<WitnessTurn>(
    'select witness, size, next_at as "nextAt", failure from witness_turns where witness = $1',
    [witness],
  );
  return rows[0] ?? null;
}

export async function noteWitnessTurn(db: Queryable, turn: WitnessTurn): Promise<void> {
  await db.query(
    `insert into witness_turns (witness, size, next_at, failure) values ($1, $2, $3, $4)
     on conflict (witness) do update set
       size = excluded.size, next_at = excluded.next_at, failure = excluded.failure`,
    [turn.witness, turn.size, turn.nextAt, turn.failure],
  );
}
