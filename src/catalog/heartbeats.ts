/** Which worker processes are alive, as far as they say so themselves. */
import type { Queryable } from './database.ts';

export interface WorkerProcess {
  id: string;
  host: string;
  processId: number;
  startedAt: Date;
}

/** After so long without a word a worker is taken to be gone; they speak every 20 s. */
const silentMs = 2 * 60_000;

/** @returns which catalog it was, as `catalogIdentity` has it */
export async function beat(db: Queryable, worker: WorkerProcess): Promise<string | undefined> {
  const { rows } = await db.query<{ catalog: string }>(
    `insert into worker_heartbeats (worker_id, host, process_id, started_at, seen_at)
     values ($1, $2, $3, $4, clock_timestamp())
     on conflict (worker_id) do update set seen_at = clock_timestamp()
     returning (select left(id::text, 8) from catalog_identity) as catalog`,
    [worker.id, worker.host, worker.processId, worker.startedAt],
  );
  return rows[0]?.catalog;
}

/** A worker that ends properly is not missed. */
export async function endHeartbeat(db: Queryable, workerId: string): Promise<void> {
  await db.query('delete from worker_heartbeats where worker_id = $1', [workerId]);
}

export interface WorkerSeen extends WorkerProcess {
  seenAt: Date;
}

const columns = `worker_id as id, host, process_id as "processId", started_at as "startedAt",
  seen_at as "seenAt"`;

/** Workers that did not fall silent; none where there is no catalog to say so. */
export async function workersSeen(db: Queryable): Promise<WorkerSeen[]> {
  const known = await db.query<{ there: boolean }>(
    `select to_regclass('worker_heartbeats') is not null as there`,
  );
  if (known.rows[0]?.there !== true) return [];
  const { rows } = await db.query<WorkerSeen>(
    `select ${columns} from worker_heartbeats
     where seen_at >= clock_timestamp() - $1 * interval '1 millisecond' order by started_at`,
    [silentMs],
  );
  return rows;
}

/** Workers that fell silent; each is returned once. */
export async function takeSilentWorkers(tx: Queryable): Promise<WorkerSeen[]> {
  const { rows } = await tx.query<WorkerSeen>(
    `delete from worker_heartbeats
     where seen_at < clock_timestamp() - $1 * interval '1 millisecond'
     returning ${columns}`,
    [silentMs],
  );
  return rows;
}
