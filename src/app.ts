/** Builds every part from the settings, and closes them in reverse. */

import { StateError } from './base/errors.ts';
import { type Log, openLog } from './base/log.ts';
import { RenderBrowser } from './browser/render-browser.ts';
import { type Connection, type Database, openDatabase } from './catalog/database.ts';
import { hostPaceStore } from './catalog/host-pace.ts';
import { migrate, pendingMigrations } from './catalog/migrate.ts';
import type { Config } from './config/config.ts';
import { type Home, type MakeHome, openHome } from './config/home.ts';
import { openEgress } from './egress/egress.ts';
import { hostPace } from './egress/pace.ts';
import { ensureEmbedded } from './embedded/embedded.ts';
import type { Parts } from './pipeline/parts.ts';
import { queuePrefix } from './pipeline/queue-address.ts';
import type { RunningWorkers, WorkOptions } from './pipeline/running-workers.ts';
import type { Queue } from './queue/queue.ts';
import { openFileVault } from './vault/files.ts';

export interface App extends AsyncDisposable {
  parts: Parts;
  /** Opened on first use: a process that only reads never connects to it. */
  queue(): Promise<Queue>;
  close(): Promise<void>;
}

/** How `workers/` is started: handed down by the programs, since nothing in `src` knows the workers. */
export type StartWorkers = (app: App, options?: WorkOptions) => Promise<RunningWorkers>;

/** They bring the browser and the media tools with them: only verbs that work load them. */
export type LoadWorkers = () => Promise<StartWorkers>;

export interface OpenOptions {
  /** Whether the data folder may be made, and for which environment it must be. */
  make: MakeHome;
  /** Who takes the lines of the log, where it isn't stderr. */
  logTo?: { write(line: string): void };
  /** Only `migrate` itself opens a catalog that is behind. */
  behind?: 'refuse' | 'allow';
}

type Closer = () => Promise<void>;

/** @throws NotFoundError `no-home`, UnreachableError, StateError `catalog-behind` */
export async function openApp(config: Config, options: OpenOptions): Promise<App> {
  const closers: Closer[] = [];
  const close = async () => {
    let failure: unknown = null;
    for (const closer of closers.splice(0).reverse()) {
      await closer().catch((error: unknown) => {
        failure ??= error;
      });
    }
    if (failure !== null) throw failure;
  };
  try {
    const log = openLog(config.logLevel, options.logTo);
    const home = await openHome(config.home, options.make);
    const database = await openCatalog(config, home, log, closers);
    if (options.behind !== 'allow') await refuseIfBehind(config, database, log);
    const vault = await openFileVault(`${home.folder}/vault`);
    const egress = await openEgress(config.egress, log);
    closers.push(async () => egress[Symbol.asyncDispose]());
    const outside = { config, egress, vault };
    // What only some verbs need is loaded by those: browser, platforms and tools are half of the program.
    const renderBrowser = new RenderBrowser({
      open: async (signal) => {
        const { browserBehindDoor } = await import('./pipeline/browser-behind-door.ts');
        return browserBehindDoor(outside, signal, { offline: true });
      },
    });
    closers.push(() => renderBrowser[Symbol.asyncDispose]());
    const parts: Parts = {
      config,
      home,
      log,
      database,
      vault,
      egress,
      pace: hostPace(hostPaceStore(database), config.egress.hostIntervalMs),
      renderBrowser,
      platformOf: async (source) => {
        const { platformOf } = await import('./platforms/platforms.ts');
        return platformOf(source, { x: config.x });
      },
      tools: once(async () => {
        const { toolVersions } = await import('./pipeline/tool-versions.ts');
        return toolVersions(config.tools, database);
      }),
    };
    const queue = once(() => {
      const opening = openAppQueue(parts);
      // Before it is open: whoever closes meanwhile waits for it. Who asked for it hears why it failed.
      const opened = opening.catch(() => null);
      closers.push(async () => (await opened)?.close());
      return opening;
    });
    return { parts, queue, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** An existing PostgreSQL where the settings name one, else the embedded one of this home. */
async function openCatalog(
  config: Config,
  home: Home,
  log: Log,
  closers: Closer[],
): Promise<Database> {
  const connection = await connectionOf(config, home, log, closers);
  const database = await openDatabase({ connection, schema: config.databaseSchema, log });
  closers.push(() => database.close());
  return database;
}

async function connectionOf(
  config: Config,
  home: Home,
  log: Log,
  closers: Closer[],
): Promise<Connection> {
  if (config.databaseUrl !== null) return { connectionString: config.databaseUrl };
  const server = await ensureEmbedded(home.folder, { log });
  closers.push(() => server.release());
  return server.connection;
}

/** The embedded catalog is brought up to date by itself; an operator's own database only by `migrate`. */
async function refuseIfBehind(config: Config, database: Database, log: Log): Promise<void> {
  const pending = await pendingMigrations(database);
  if (pending.length === 0) return;
  if (config.databaseUrl === null) {
    await migrate(database, log);
    return;
  }
  throw new StateError(
    'catalog-behind',
    `the catalog lacks ${pending.join(', ')}: run "holdfast migrate" once`,
  );
}

async function openAppQueue(parts: Pick<Parts, 'config' | 'database' | 'log'>): Promise<Queue> {
  const { openQueue } = await import('./queue/queue.ts');
  const { config, database, log } = parts;
  return openQueue({
    backend:
      config.redisUrl === null
        ? { kind: 'postgres', pool: database.pool }
        : { kind: 'redis', url: config.redisUrl },
    prefix: await queuePrefix(parts),
    retryBaseMs: config.queue.retryBaseMs,
    log,
  });
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      // A failure that passes must not be remembered for the life of the process.
      made = null;
      throw error;
    });
    return made;
  };
}
