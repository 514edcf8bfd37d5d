/**
 * The pool that BullMQ gets to see: ours, behind a front.
 *
 * Given a bare pool, BullMQ takes one connection out of it for good for every worker (to
 * LISTEN), adds a listener to it for every queue, expects its own schema in the search
 * path, and can't tell a lost connection from a refused statement, so that it drops work
 * which it should try again. Behind the front all workers share one listening connection.
 */
import { EventEmitter } from 'node:events';
import { ConnectionClosedError, DEFAULT_SCHEMA, type PgPool, type PgQueryResult } from 'bullmq';
import type pg from 'pg';

type Parameters = readonly unknown[] | undefined;

export function sharePool(pool: pg.Pool): PgPool {
  const listener = new Listener(pool);
  const front: PgPool = {
    query: (text: string, parameters?: Parameters) => ask(pool, text, parameters),
    connect: async () => listener.lend(),
    // The pool's owner hears its errors and ends it.
    on: () => front,
    removeAllListeners: () => front,
    end: async () => undefined,
  };
  return front;
}

/** The connection in hand, and how to stop hearing of it. */
interface Held {
  client: pg.PoolClient;
  isListening: boolean;
  letGo(): void;
}

/** One connection, lent to any number of borrowers; taken when the first one uses it. */
class Listener {
  readonly #pool: pg.Pool;
  readonly #borrowers = new Set<Borrower>();
  #held: Promise<Held> | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  lend(): Borrower {
    const borrower: Borrower = new Borrower(
      (text, parameters) => this.#ask(borrower, text, parameters),
      () => this.#giveBack(borrower),
    );
    this.#borrowers.add(borrower);
    return borrower;
  }

  /** One at a time, as the driver wants it. */
  #ask(borrower: Borrower, text: string, parameters: Parameters): Promise<PgQueryResult> {
    const answer = this.#turn.then(async () => {
      // Else a question that outlived its asker would take a connection that nobody gives back.
      if (!this.#borrowers.has(borrower)) throw new ConnectionClosedError('it was given back');
      this.#held ??= this.#open();
      const opening = this.#held;
      const held = await opening;
      held.isListening ||= /^\s*listen\b/im.test(text);
      return run(held.client, text, parameters).catch((error: unknown) => {
        // It may have been lost before anybody listened for that.
        if (error instanceof ConnectionClosedError) this.#lost(opening, held, error);
        throw error;
      });
    });
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  #open(): Promise<Held> {
    const opening: Promise<Held> = checkOut(this.#pool).then((client) => {
      const hear = (error: Error) => this.#lost(opening, held, error);
      const pass = (message: pg.Notification) => {
        for (const borrower of this.#borrowers) borrower.emit('notification', message);
      };
      const letGo = () => void client.off('error', hear).off('notification', pass);
      const held: Held = { client, isListening: false, letGo };
      client.on('error', hear).on('notification', pass);
      return held;
    });
    opening.catch(() => {
      if (this.#held === opening) this.#held = null;
    });
    return opening;
  }

  /** Every borrower hears of it, comes again and gets the next connection. */
  #lost(opened: Promise<Held>, { client, letGo }: Held, error: Error): void {
    if (this.#held !== opened) return; // known already, or given back
    this.#held = null;
    letGo();
    client.release(true);
    for (const borrower of [...this.#borrowers]) borrower.hearOfLoss(error);
  }

  #giveBack(borrower: Borrower): void {
    this.#borrowers.delete(borrower);
    if (this.#borrowers.size > 0 || this.#held === null) return;
    const held = this.#held;
    this.#held = null;
    held.then(
      ({ client, isListening, letGo }) => {
        letGo();
        // What LISTENs must not go back to those who only ask.
        client.release(isListening);
      },
      () => undefined, // never got one
    );
  }
}

/** Looks to BullMQ like a connection of its own. */
class Borrower extends EventEmitter {
  readonly query: (text: string, parameters?: Parameters) => Promise<PgQueryResult>;
  readonly release: () => void;

  constructor(
    query: (text: string, parameters?: Parameters) => Promise<PgQueryResult>,
    release: () => void,
  ) {
    super();
    this.setMaxListeners(0);
    this.query = query;
    this.release = release;
  }

  hearOfLoss(error: Error): void {
    if (this.listenerCount('error') > 0) this.emit('error', error);
  }
}

async function ask(pool: pg.Pool, text: string, parameters: Parameters): Promise<PgQueryResult> {
  const client = await checkOut(pool);
  try {
    return await unlessRolledBack(() => run(client, text, parameters));
  } finally {
    client.release();
  }
}

/**
 * BullMQ's statements are transactions of their own. When PostgreSQL undoes one because of
 * others (class 40: deadlock, conflict), nothing has happened, and BullMQ, which doesn't
 * know that, would count a finished job as failed and run it again.
 */
async function unlessRolledBack<Answer>(statement: () => Promise<Answer>): Promise<Answer> {
  for (let triesLeft = 4; ; triesLeft--) {
    try {
      return await statement();
    } catch (error) {
      const { code } = error as { code?: string };
      if (triesLeft === 0 || !code?.startsWith('40')) throw error;
    }
  }
}

async function checkOut(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw meaning(error);
  }
}

const sees = new WeakSet<pg.PoolClient>();

async function run(
  client: pg.PoolClient,
  text: string,
  parameters: Parameters,
): Promise<PgQueryResult> {
  try {
    if (!sees.has(client)) {
      await client.query(
        `select set_config('search_path', concat_ws(', ', current_setting('search_path'), $1::text), false)`,
        [DEFAULT_SCHEMA],
      );
      sees.add(client);
    }
    return await client.query(text, parameters === undefined ? undefined : [...parameters]);
  } catch (error) {
    throw meaning(error);
  }
}

/**
 * BullMQ tries again what failed with its ConnectionClosedError and nothing else. What the
 * server said has a severity; whatever has none (refused, reset, timed out) wasn't said by
 * it. Classes 08, 53 and 57P: the connection is going, or the server is full or going.
 */
function meaning(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ConnectionClosedError) return error;
  const { severity, code } = error as { severity?: string; code?: string };
  const wasAnswered = severity !== undefined && !/^(08|53|57P)/.test(code ?? '');
  return wasAnswered ? error : new ConnectionClosedError(error.message, error);
}
