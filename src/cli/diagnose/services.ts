/** Of the catalog and the queue. */
import type { App } from '../../app.ts';
import { type Diagnose, ok, warning } from './standing.ts';

export const ofServices: Record<string, Diagnose> = {
  postgresql: async (config, open) => {
    const { version } = await serverOf(await open());
    return ok(`${version}, ${config.databaseUrl === null ? 'embedded' : 'from DATABASE_URL'}`);
  },
  search: async (_config, open) => {
    const { hasAddressIndex } = await import('../../catalog/searchable.ts');
    return (await hasAddressIndex((await open()).parts.database))
      ? ok('words and parts of links are looked up in indexes')
      : warning(
          'no pg_trgm: parts of links are found by reading every row; words are not affected',
          'let an administrator run "create extension pg_trgm schema public" in this database, then run holdfast migrate',
        );
  },
  queue: async (_config, open) => {
    const queue = await (await open()).queue();
    return ok(`BullMQ on ${queue.backend} ${await queue.version()}`);
  },
};

async function serverOf({ parts }: App): Promise<{ version: string }> {
  const { rows } = await parts.database.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  return rows[0] ?? { version: 'unknown' };
}
