/** Derive jobs: which captures wait for theirs, and which have ended. */
import type { DerivationKind } from '../model/derivation.ts';
import type { Queryable } from './database.ts';

export interface WaitingJob {
  captureId: string;
  jobId: string;
  /** `null`: whatever the evidence calls for. */
  kinds: DerivationKind[] | null;
  /** Made again although it was made before. */
  again: boolean;
  askedAt: Date;
  /** How often it was handed to the queue. */
  round: number;
  handedAt: Date | null;
}

const columns = `
  capture_id as "captureId", job_id as "jobId", kinds, again, asked_at as "askedAt", round,
  handed_at as "handedAt"`;

/** One at a time a capture: what is asked for while one waits joins it. */
export async function askToDerive(
  db: Queryable,
  captureIds: string[],
  { kinds, again }: Pick<WaitingJob, 'kinds' | 'again'>,
): Promise<number> {
  const { rowCount } = await db.query(
    `insert into waiting_derivations (capture_id, kinds, again)
     select id, $2, $3 from unnest($1::uuid[]) as id
     on conflict (capture_id) do update set
       kinds = case when waiting_derivations.kinds is null or excluded.kinds is null then null
         else array(select distinct unnest(waiting_derivations.kinds || excluded.kinds) order by 1) end,
       again = waiting_derivations.again or excluded.again`,
    [captureIds, kinds, again],
  );
  return rowCount;
}

export async function waitingJobOf(db: Queryable, captureId: string): Promise<WaitingJob | null> {
  const { rows } = await db.query<WaitingJob>(
    `select ${columns} from waiting_derivations where capture_id = $1`,
    [captureId],
  );
  return rows[0] ?? null;
}

/** Of these captures, those whose derive job has not ended. */
export async function derivingAmong(db: Queryable, captureIds: string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    'select capture_id as id from waiting_derivations where capture_id = any($1)',
    [captureIds],
  );
  return rows.map(({ id }) => id);
}

export async function waitingJobCount(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>('select count(*) from waiting_derivations');
  return rows[0]?.count ?? 0;
}

/** Those that are in the queue, as far as rows know. */
export async function handedJobs(db: Queryable): Promise<WaitingJob[]> {
  const { rows } = await db.query<WaitingJob>(
    `select ${columns} from waiting_derivations where handed_at is not null
     order by handed_at, capture_id`,
  );
  return rows;
}

/** Takes the next ones: what was captured just now before what is made again, the oldest first. */
export async function takeJobs(db: Queryable, limit: number): Promise<WaitingJob[]> {
  const { rows } = await db.query<WaitingJob>(
    `update waiting_derivations set round = waiting_derivations.round + 1, handed_at = now()
     from (
       select capture_id from waiting_derivations where handed_at is null
       order by again, asked_at, capture_id limit $1 for update skip locked
     ) as next
     where waiting_derivations.capture_id = next.capture_id
     returning waiting_derivations.capture_id as "captureId", job_id as "jobId", kinds, again,
       asked_at as "askedAt", round, handed_at as "handedAt"`,
    [limit],
  );
  return rows;
}

/** Whose job was lost: it may be handed over anew. */
export async function handJobsAgain(db: Queryable, lost: WaitingJob[]): Promise<void> {
  await db.query(
    `update waiting_derivations set handed_at = null
     from unnest($1::uuid[], $2::int[]) as lost (id, seen)
     where capture_id = lost.id and round = lost.seen`,
    [lost.map(({ captureId }) => captureId), lost.map(({ round }) => round)],
  );
}

export interface EndedJob {
  id: string;
  captureId: string;
  /** SHA-256 of the records of derivations. */
  records: string[];
  /** Of its entry in the log. */
  logIndex: number;
  finishedAt: Date;
}

/** One insert ends a job; whatever waited under its id waits no more. */
export async function endJob(tx: Queryable, job: EndedJob): Promise<void> {
  await tx.query(
    `insert into derive_jobs (id, capture_id, records, log_index, finished_at)
     values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [job.id, job.captureId, job.records, job.logIndex, job.finishedAt],
  );
  await tx.query('delete from waiting_derivations where job_id = $1', [job.id]);
}

/** There was nothing to derive: no entry of the log says so. */
export async function dropJob(db: Queryable, jobId: string): Promise<void> {
  await db.query('delete from waiting_derivations where job_id = $1', [jobId]);
}

export async function hasEnded(db: Queryable, jobId: string): Promise<boolean> {
  const { rows } = await db.query('select from derive_jobs where id = $1', [jobId]);
  return rows.length > 0;
}

export async function jobsOf(db: Queryable, captureId: string): Promise<EndedJob[]> {
  const { rows } = await db.query<EndedJob>(
    `select id, capture_id as "captureId", records, log_index as "logIndex",
       finished_at as "finishedAt"
     from derive_jobs
     where capture_id = $1 order by finished_at, id`,
    [captureId],
  );
  return rows;
}
