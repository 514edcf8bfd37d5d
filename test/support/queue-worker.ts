/**
 * A worker as a process of its own, to be killed or frozen: takes media jobs, says so on
 * stdout, and works on each until it is stopped. Arguments: redis|postgres, address, prefix, lock in ms.
 */
import { openDatabase } from '../../src/catalog/database.ts';
import { openQueue } from '../../src/queue/queue.ts';
import { silent } from './database.ts';

const [kind, address = '', prefix = '', lockMs] = process.argv.slice(2);

async function backend() {
  if (kind === 'redis') return { kind: 'redis', url: address } as const;
  const connection = { host: address, user: 'holdfast', database: 'postgres' };
  const { pool } = await openDatabase({ connection, schema: 'holdfast', max: 4 });
  return { kind: 'postgres', pool } as const;
}

const queue = await openQueue({ backend: await backend(), prefix, log: silent });
await queue.work(
  [
    {
      stage: 'media',
      concurrency: 2,
      attempts: 3,
      timeoutMs: 60_000,
      run: ({ data, signal }) => {
        console.log(`took ${JSON.stringify(data)}`);
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            console.log(`stopped: ${signal.reason.message}`);
            reject(signal.reason);
          });
        });
      },
    },
  ],
  { lockDurationMs: Number(lockMs) },
);
