/** What each witness has seen of our log, as far as we know, and when it is asked again. */
import type { Queryable } from './database.ts';

export interface WitnessState {
  witness: string;
  /** Of the tree that it saw last. */
  size: number;
  nextAt: Date;
  failure: string | null;
}

export async function witnessState(db: Queryable, witness: string): Promise<WitnessState | null> {
  const { rows } = await db.query<WitnessState>(
    'select witness, size, next_at as "nextAt", failure from witness_schedule where witness = $1',
    [witness],
  );
  return rows[0] ?? null;
}

export async function saveWitnessState(db: Queryable, state: WitnessState): Promise<void> {
  await db.query(
    `insert into witness_schedule (witness, size, next_at, failure) values ($1, $2, $3, $4)
     on conflict (witness) do update set
       size = excluded.size, next_at = excluded.next_at, failure = excluded.failure`,
    [state.witness, state.size, state.nextAt, state.failure],
  );
}
