/** How often somebody had graphic material shown. Kept for their sake: nothing else is decided by it. */
import type { Queryable } from './database.ts';

export async function noteExposure(db: Queryable, who: string, captureId: string): Promise<void> {
  await db.query('insert into exposures (who, capture_id) values ($1, $2)', [who, captureId]);
}

export interface ExposureCount {
  today: number;
  week: number;
}

/** Since midnight UTC, and in the last seven days. */
export async function exposuresOf(db: Queryable, who: string): Promise<ExposureCount> {
  const { rows } = await db.query<ExposureCount>(
    `select count(*) filter (where at >= date_trunc('day', now(), 'UTC')) as today,
       count(*) as week
     from exposures where who = $1 and at >= now() - interval '7 days'`,
    [who],
  );
  return rows[0] ?? { today: 0, week: 0 };
}
