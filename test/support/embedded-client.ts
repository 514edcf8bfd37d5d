/** A process of its own that uses the embedded database of a home until its stdin ends. */
import { openDatabase } from '../../src/catalog/database.ts';
import { ensureEmbedded } from '../../src/embedded/embedded.ts';

const [home] = process.argv.slice(2);
if (home === undefined) throw new Error('usage: embedded-client.ts HOME');

const server = await ensureEmbedded(home);
const database = await openDatabase({ connection: server.connection, schema: 'public', max: 1 });
const { rows } = await database.query<{ pid: string }>(
  `select split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as pid`,
);
console.log(JSON.stringify({ postmaster: Number(rows[0]?.pid) }));

for await (const line of process.stdin) void line;
await database.close();
await server.release();
console.log(JSON.stringify({ released: true }));
