/** Which cases there are, by the submissions that name them. */
import type { Queryable } from './database.ts';

export interface CaseRow {
  name: string;
  submissions: number;
  /** Captures that its submissions led to, each once. */
  captures: number;
  firstAt: Date;
  lastAt: Date;
}

/** The one that was added to last comes first. */
export async function caseList(db: Queryable, limit: number): Promise<CaseRow[]> {
  const { rows } = await db.query<CaseRow>(
    `select case_name as name, count(*) as submissions, count(distinct capture_id) as captures,
       min(submitted_at) as "firstAt", max(submitted_at) as "lastAt"
     from submissions where case_name is not null
     group by case_name order by max(submitted_at) desc, case_name limit $1`,
    [limit],
  );
  return rows;
}
