/** Where the queue of this catalog is found, for this program and for others that add to it. */
import { catalogIdentity } from '../catalog/migrate.ts';
import { type QueueAddress, queueAddress } from '../queue/address.ts';
import type { Parts } from './parts.ts';

/** Keeps two catalogs on one server apart. */
export async function queuePrefix({
  config,
  database,
}: Pick<Parts, 'config' | 'database'>): Promise<string> {
  return `${config.databaseSchema}-${await catalogIdentity(database)}`;
}

export async function queueAddressOf(
  parts: Pick<Parts, 'config' | 'database'>,
): Promise<QueueAddress> {
  const backend = parts.config.redisUrl === null ? 'postgres' : 'redis';
  return queueAddress(backend, await queuePrefix(parts));
}
