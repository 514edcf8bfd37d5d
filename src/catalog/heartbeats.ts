/** Which worker processes are alive, as far as they say so themselves. */
import type { Queryable } from './database.ts';

export interface WorkerProcess {
  id: string;
  host: string;
  processId: number;
  startedAt: Date;
}

export async function beat(db: Queryable, worker: WorkerProcess): Promise<void> {
  await db.query(
    `insert into worker_heartbeats (worker_id, host, process_id, started_at, seen_at)
     values ($1, $2, $3, $4, clock_timestamp())
     on conflict (worker_id) do update set seen_at = clock_timestamp()`,
    [worker.id, worker.host, worker.processId, worker.startedAt],
  );
}

/** A worker that ends properly is not missed. */
export async function endHeartbeat(db: Queryable, workerId: string): Promise<void> {
  await db.query('delete from worker_heartbeats where worker_id = $1', [workerId]);
}

export interface SilentWorker extends WorkerProcess {
  seenAt: Date;
}

/** Workers that fell silent; each is returned once. */
export async function takeSilentWorkers(tx: Queryable, silentMs: number): Promise<SilentWorker[]> {
  const { rows } = await tx.query<SilentWorker>(
    `delete from worker_heartbeats
     where seen_at < clock_timestamp() - $1 * interval '1 millisecond'
     returning worker_id as id, host, process_id as "processId", started_at as "startedAt",
       seen_at as "seenAt"`,
    [silentMs],
  );
  return rows;
}
