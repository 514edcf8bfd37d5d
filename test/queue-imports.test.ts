import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Opens a queue in a process of its own and lists the packages that were loaded for it. */
async function packagesLoadedFor(backend: string): Promise<string[]> {
  const script = `
    import { registerHooks } from 'node:module';
    const seen = new Set();
    registerHooks({ load(url, context, next) {
      seen.add(url.match(/node_modules\\/((@[^/]+\\/)?[^/]+)/)?.[1]);
      return next(url, context);
    } });
    const { openQueue } = await import('./src/queue/queue.ts');
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const pool = { connect: () => Promise.reject(new Error('not needed here')), on() {} };
    await openQueue({ backend: ${backend}, prefix: 'p', log }).then((queue) => queue.close(), () => {});
    console.log(JSON.stringify([...seen]));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    script,
  ]);
  return JSON.parse(stdout);
}

test('on PostgreSQL ioredis is never loaded', async () => {
  const loaded = await packagesLoadedFor(`{ kind: 'postgres', pool }`);
  expect(loaded).toContain('bullmq');
  expect(loaded).not.toContain('ioredis');
});

test('on Redis pg is never loaded', async () => {
  const loaded = await packagesLoadedFor(`{ kind: 'redis', url: '/nowhere/redis.sock' }`);
  expect(loaded).toContain('ioredis');
  expect(loaded).not.toContain('pg');
});
