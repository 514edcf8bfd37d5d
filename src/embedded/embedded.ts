/**
 * The embedded PostgreSQL: one server a home, shared by every Holdfast process there,
 * started by the first and stopped by the last.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type StorageError, UnreachableError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { openSession, type Session } from '../catalog/database.ts';
import { type Binaries, diskFull, findBinaries, namespaceRefused } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { linkLibraries } from './libraries.ts';
import { openPlace, type Place, readPidFile } from './place.ts';
import { logTail, type StartAttempt, startServer, stopServer } from './server-process.ts';

export interface EmbeddedConnection {
  /** Folder of the server's Unix socket; there is no TCP port and no password. */
  host: string;
  user: string;
  database: string;
}

export interface EmbeddedServer {
  connection: EmbeddedConnection;
  version: string;
  /** Says that this process is done with it; stops the server when nobody else is left. */
  release(): Promise<void>;
}

/** Key of the advisory lock that each user of the server holds, shared, while it is one. */
const usersLock = 4_846_375_621;
const patienceMs = 10_000;
const triesInVain = 3;
const comingUpMs = 2_000;

/**
 * Joins the server of this home; prepares and starts it first where needed. If the
 * server is killed while we use it, it is started again in the background.
 * @throws UnreachableError `embedded-unavailable`, `embedded-refused`, `embedded-init`, `embedded-start`;
 *   StorageError `disk-full`
 */
export async function ensureEmbedded(
  home: string,
  options: { signal?: AbortSignal; log?: Log } = {},
): Promise<EmbeddedServer> {
  const found = await findBinaries();
  const place = await openPlace(home);
  const binaries = { ...found, environment: await linkLibraries(found.packageFolder, place) };
  if (place.note !== null) options.log?.info(place.note);
  await ensureCluster(place, binaries, options.signal);
  const { session, connection } = await join(place, binaries, options.signal);
  const version = await session.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  const leaving = new AbortController();
  const membership = stayJoined(session, place, binaries, leaving.signal, options.log);
  let released: Promise<void> | undefined;
  return {
    connection,
    version: version.rows[0]?.version ?? 'unknown',
    release: () => {
      released ??= leave(place, membership, leaving);
      return released;
    },
  };
}

interface Joined {
  session: Session;
  connection: EmbeddedConnection;
}

/** Tries to join and to start, in turn, until one of the servers that were started answers. */
async function join(place: Place, binaries: Binaries, signal?: AbortSignal): Promise<Joined> {
  let attempt: StartAttempt | null = null;
  let failures = 0;
  let deadline = Date.now() + patienceMs;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await tryToJoin(place);
    if (typeof answer === 'object') return answer;
    // Going down, or recovering after a crash, which may take its time.
    if (answer === 'busy') deadline = Date.now() + patienceMs;
    else if (attempt === null || attempt.hasEnded) {
      // Ended although nobody else's server is in the way: trying for long won't help.
      if (attempt !== null && (await readPidFile(place)) === null) failures += 1;
      if (failures === triesInVain) throw await startFailure(place);
      attempt = await startServer(place, binaries);
    }
    if (Date.now() > deadline) throw await startFailure(place);
    try {
      await sleep(attempt === null || attempt.hasEnded ? 100 : 20, undefined, { signal });
    } catch (error) {
      await untilKnown(place, attempt);
      throw error;
    }
  }
}

/** A server just started can be found, and stopped, once it has written its lock file. */
async function untilKnown(place: Place, attempt: StartAttempt | null): Promise<void> {
  const deadline = Date.now() + comingUpMs;
  while (attempt?.hasEnded === false && Date.now() < deadline) {
    if ((await readPidFile(place)) !== null) return;
    await sleep(20);
  }
}

async function tryToJoin(place: Place): Promise<Joined | 'busy' | 'silent'> {
  const host = (await readPidFile(place))?.socketFolder ?? place.socketFolder;
  const connection = { host, user: 'holdfast', database: 'postgres' };
  let session: Session | undefined;
  try {
    session = await openSession(connection);
    const { rows } = await session.query<{ joined: boolean }>(
      'select pg_try_advisory_lock_shared($1) as joined',
      [usersLock],
    );
    if (rows[0]?.joined === true) return { session, connection };
    await session.close(); // the last one out is just stopping it
    return 'busy';
  } catch (error) {
    await session?.close();
    if (!(error instanceof UnreachableError)) throw error;
    return nobodyListens(error.cause) ? 'silent' : 'busy';
  }
}

function nobodyListens(cause: unknown): boolean {
  const code = (cause as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}

async function startFailure(place: Place): Promise<UnreachableError | StorageError> {
  const tail = await logTail(place);
  return (
    namespaceRefused(tail) ??
    diskFull(tail, place.folder) ??
    new UnreachableError(
      'embedded-start',
      `the embedded database doesn't start. The end of ${place.logFile}:\n${tail}`,
    )
  );
}

/** Holds the shared lock until told to leave, joining again whenever the server was lost. */
async function stayJoined(
  first: Session,
  place: Place,
  binaries: Binaries,
  leaving: AbortSignal,
  log?: Log,
): Promise<Session | null> {
  const left = new Promise<void>((resolve) => {
    leaving.addEventListener('abort', () => resolve(), { once: true });
  });
  let session = first;
  for (;;) {
    await Promise.race([session.ended, left]);
    if (leaving.aborted) return session;
    log?.warn('the embedded database was lost; starting it again');
    const again = await joinAgain(place, binaries, leaving, log);
    if (again === null) return null;
    session = again;
  }
}

async function joinAgain(
  place: Place,
  binaries: Binaries,
  leaving: AbortSignal,
  log?: Log,
): Promise<Session | null> {
  while (!leaving.aborted) {
    try {
      return (await join(place, binaries, leaving)).session;
    } catch (error) {
      if (leaving.aborted) break;
      log?.error({ error: String(error) }, 'the embedded database could not be started again');
      await sleep(5_000, undefined, { signal: leaving }).catch(() => undefined);
    }
  }
  return null;
}

/**
 * Whoever gets the lock for itself alone is the last one out. Somebody who joins in that
 * very moment sees the lock taken or loses the connection, and starts the server again.
 */
async function leave(
  place: Place,
  membership: Promise<Session | null>,
  leaving: AbortController,
): Promise<void> {
  leaving.abort();
  const session = (await membership) ?? (await joinToLeave(place));
  if (session === null) return;
  try {
    await session.query('select pg_advisory_unlock_shared($1)', [usersLock]);
    const { rows } = await session.query<{ last: boolean }>(
      'select pg_try_advisory_lock($1) as last',
      [usersLock],
    );
    if (rows[0]?.last === true) await stopServer(place);
  } catch (error) {
    // Lost on the way out: then there is nothing of ours to stop.
    if (!(error instanceof UnreachableError)) throw error;
  } finally {
    await session.close();
  }
}

/**
 * For whoever leaves while the server is away: one that was started for us may be just
 * coming up, and nobody else would stop it. @returns null where none comes
 */
async function joinToLeave(place: Place): Promise<Session | null> {
  const startedAt = Date.now();
  while ((await readPidFile(place)) !== null) {
    const answer = await tryToJoin(place);
    if (typeof answer === 'object') return answer.session;
    if (Date.now() - startedAt > (answer === 'busy' ? patienceMs : comingUpMs)) break;
    await sleep(20);
  }
  return null;
}
