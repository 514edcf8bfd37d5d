/** BullMQ on PostgreSQL: in the catalog's own database, through the catalog's own pool. */
import {
  assertSchemaCompatibility,
  ConnectionClosedError,
  createPostgresBackend,
  LATEST_SCHEMA_VERSION,
  runMigrations,
  SchemaMigrationRequiredError,
  withBackend,
} from 'bullmq';
import type pg from 'pg';
import { OutageError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { queueNameOn } from './address.ts';
import type { Backend, StageQueue, StageWorker, TreeProducer } from './backend.ts';
import type { StageName } from './jobs.ts';
import { sharePool } from './shared-pool.ts';

/**
 * Brings BullMQ's tables (schema `bullmq`) up to date where they are not. Its namespace is
 * the schema, which a pool can't choose; so `prefix` becomes part of the queues' names.
 * @throws OutageError `queue-unreachable`
 */
export async function openPostgres(pool: pg.Pool, prefix: string, log: Log): Promise<Backend> {
  const shared = sharePool(pool);
  const { Queue, FlowProducer, Worker } = withBackend(createPostgresBackend);
  const connection = { connection: shared };
  const queueName = (stage: StageName) => queueNameOn('postgres', prefix, stage);
  const backend: Backend = {
    kind: 'postgres',
    queueName,
    // BullMQ's types tell its backends apart where we don't: they differ in the connection.
    makeQueue: (stage) =>
      new Queue(queueName(stage), { ...connection, streams }) as unknown as StageQueue,
    makeTreeProducer: () => new FlowProducer(connection) as unknown as TreeProducer,
    makeWorker: async (stage, processor, options) => {
      const worker = new Worker(queueName(stage), processor, { ...options, ...connection });
      return worker as unknown as StageWorker;
    },
    reach: async () => {
      await shared.query('select 1').catch((error: unknown) => {
        throw meaning(error);
      });
    },
    meaning,
    version: async () => {
      const { rows } = await shared.query<{ version: string }>(
        `select current_setting('server_version') as version`,
      );
      return rows[0]?.version ?? 'unknown';
    },
    // Its commands fail by themselves when the server is away.
    cutWorkersOff: () => undefined,
    close: async () => undefined,
  };
  await backend.reach();
  await bringUpToDate(pool, log);
  return backend;
}

/** Nobody reads the event table of a queue; BullMQ would keep 10,000 rows. */
const streams = { events: { maxLen: 100 } };

async function bringUpToDate(pool: pg.Pool, log: Log): Promise<void> {
  const client = await pool.connect();
  try {
    // Looking first: most starts find nothing to do and need no right to create schemas.
    if ((await schemaVersion(client)) >= LATEST_SCHEMA_VERSION) return;
    const version = await runMigrations(client);
    log.info({ version }, 'queue tables migrated');
  } finally {
    client.release();
  }
}

async function schemaVersion(client: pg.PoolClient): Promise<number> {
  try {
    return await assertSchemaCompatibility(client);
  } catch (error) {
    if (error instanceof SchemaMigrationRequiredError) return 0;
    throw error;
  }
}

function meaning(error: unknown): unknown {
  if (!(error instanceof ConnectionClosedError)) return error;
  return new OutageError(
    'queue-unreachable',
    `the queue (in the database) does not answer: ${error.message}`,
    { cause: error },
  );
}
