/** The one door to PostgreSQL: connections, transactions, and what their failures mean. */
import pg from 'pg';
import {
  HoldfastError,
  OutageError,
  PermanentError,
  StateError,
  StorageError,
  TransientError,
} from '../base/errors.ts';
import type { Log } from '../base/log.ts';

export type Connection =
  | { connectionString: string }
  | { host: string; user: string; database: string };

export interface Result<Row> {
  rows: Row[];
  /** Rows returned or, for a statement that returns none, rows changed. */
  rowCount: number;
}

/** Whatever a question can be put to: the pool, or one transaction. */
export interface Queryable {
  query<Row = Record<string, unknown>>(sql: string, params?: unknown[]): Promise<Result<Row>>;
}

export interface Database extends Queryable {
  /** For BullMQ's PostgreSQL backend and the migration runner; everyone else uses `query`. */
  pool: pg.Pool;
  schema: string;
  /** Commits when `work` resolves, rolls back when it throws. */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  connection: Connection;
  schema: string;
  /** Connections at most; default 10. */
  max?: number;
  log?: Log;
}

/** One connection of its own, for locks that must live exactly as long as it does. */
export interface Session extends Queryable {
  /** Resolves when the connection has ended, whoever ended it. */
  ended: Promise<void>;
  close(): Promise<void>;
}

export const { escapeIdentifier } = pg;

const connectTimeoutMs = 30_000;

/**
 * Opens a pool and makes sure that the server answers. `int8` arrives as number (as
 * string beyond 2^53), `timestamptz` as Date.
 * @throws OutageError `database-unreachable`
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const pool = new pg.Pool({
    ...clientConfig(options.connection),
    max: options.max ?? 10,
    onConnect: (client) => setSearchPath(client, options.schema),
  });
  // Without a listener a dying server would end the process: idle clients report here.
  pool.on('error', (error) => options.log?.warn({ error: error.message }, 'connection lost'));
  // So would one that is lost just as the pool hands it out, when nobody listens yet. Whoever
  // has it hears of the loss by its next question.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const database = asDatabase(pool, options.schema);
  try {
    await database.query('select 1');
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** @throws OutageError `database-unreachable`; its cause is the driver's own error */
export async function openSession(connection: Connection): Promise<Session> {
  const client = new pg.Client(clientConfig(connection));
  const ended = new Promise<void>((resolve) => client.once('end', () => resolve()));
  client.on('error', () => undefined); // `ended` tells; a lost connection is no crash
  await client.connect().catch((error: unknown) => {
    throw meaning(error);
  });
  return {
    query: (sql, params) => ask(client, sql, params),
    ended,
    close: () => client.end().catch(() => undefined),
  };
}

function asDatabase(pool: pg.Pool, schema: string): Database {
  let closing: Promise<void> | undefined;
  return {
    pool,
    schema,
    query: (sql, params) => ask(pool, sql, params),
    transaction: (work) => inTransaction(pool, work),
    close: () => {
      closing ??= pool.end();
      return closing;
    },
  };
}

/** A database whose every question, and every transaction, is part of this one transaction. */
export function withinTransaction(tx: Queryable, schema: string): Database {
  return {
    schema,
    query: tx.query,
    transaction: (work) => work(tx),
    get pool(): never {
      throw new TypeError('a transaction has no pool');
    },
    close: async () => {},
  };
}

async function inTransaction<T>(pool: pg.Pool, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw meaning(error);
  });
  let broken: Error | undefined;
  let isOver = false;
  const tx: Queryable = {
    query: async (sql, params) => {
      if (isOver) throw over();
      return ask(client, sql, params);
    },
  };
  try {
    await ask(client, 'begin');
    const result = await work(tx);
    isOver = true;
    await commit(client);
    return result;
  } catch (error) {
    isOver = true;
    await client.query('rollback').catch((lost: Error) => {
      broken = lost;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Work left behind would write without its transaction, or into that of somebody else. */
function over(): StateError {
  return new StateError('transaction-over', 'its transaction has ended: nothing was asked');
}

/** PostgreSQL answers with ROLLBACK, and no error, where a statement failed and work went on. */
async function commit(client: pg.ClientBase): Promise<void> {
  const { command } = await client.query('commit').catch((error: unknown) => {
    throw meaning(error);
  });
  if (command === 'ROLLBACK')
    throw new StateError('transaction-lost', 'a statement failed unheard: nothing was kept');
}

async function ask<Row>(
  client: pg.Pool | pg.ClientBase,
  sql: string,
  params?: unknown[],
): Promise<Result<Row>> {
  try {
    const result = await client.query(sql, params?.map(storable));
    return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 };
  } catch (error) {
    throw meaning(error);
  }
}

/** PostgreSQL's text has no U+0000, and whoever types or sends one means no error. */
function storable(param: unknown): unknown {
  if (typeof param === 'string') return param.replaceAll('\0', '\ufffd');
  return Array.isArray(param) ? param.map(storable) : param;
}

function clientConfig(connection: Connection): pg.ClientConfig {
  return {
    ...connection,
    application_name: 'holdfast',
    connectionTimeoutMillis: connectTimeoutMs,
    types: { getTypeParser },
  };
}

/** As a statement and not as a start-up option, which poolers in between would refuse. */
async function setSearchPath(client: pg.ClientBase, schema: string): Promise<void> {
  await client.query(`set search_path to ${escapeIdentifier(schema)}`);
}

/** The driver's parsers, except that sizes and counts are numbers. Set per pool, not globally. */
const getTypeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 && format !== 'binary'
    ? parseInt8
    : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser;

function parseInt8(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

const lostConnection = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EACCES',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * What an error of the driver means to the caller. Classes of SQLSTATE: 08 connection,
 * 28 not let in, 3D no such database, 40 rolled back because of others, 53 out of
 * something, 57P server going or coming (PostgreSQL manual, appendix A).
 */
function meaning(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof HoldfastError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === '53100') {
    return new StorageError('disk-full', `the database's disk is full: ${error.message}`, {
      cause: error,
    });
  }
  if (code === 'HF001') return new PermanentError('append-only', error.message, { cause: error });
  if (code.startsWith('40')) {
    return new TransientError('database-conflict', error.message, { cause: error });
  }
  if (lostConnection.has(code) || /^(08|28|3D|53|57P)/.test(code) || isClientSideLoss(error)) {
    return new OutageError(
      'database-unreachable',
      `the database can't be reached: ${error.message || code}`,
      { cause: error },
    );
  }
  return error;
}

/** The driver gives these no code, only words. */
function isClientSideLoss(error: Error): boolean {
  return (
    error instanceof AggregateError ||
    /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)/i.test(
      error.message,
    )
  );
}
