/** Rows that only `rebuild` writes as they once were: attempts with their numbers. */
import type { Queryable } from './database.ts';
import type { StepAttempt } from './steps.ts';
import { storableJson } from './storable.ts';

export async function restoreAttempts(tx: Queryable, attempts: StepAttempt[]): Promise<void> {
  await tx.query(
    `insert into step_attempts (capture_id, step, attempt, required, state, final, reason, detail,
       started_at, finished_at)
     select "captureId", step, attempt, required, state, final, reason, detail,
       "startedAt", "finishedAt"
     from jsonb_to_recordset($1) as row ("captureId" uuid, step text, attempt int,
       required boolean, state text, final boolean, reason text, detail jsonb,
       "startedAt" timestamptz, "finishedAt" timestamptz)
     on conflict do nothing`,
    [storableJson(attempts)],
  );
}

/** Whether any submission was ever written here. */
export async function catalogIsEmpty(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ empty: boolean }>(
    'select not exists (select from submissions) as empty',
  );
  return rows[0]?.empty === true;
}
