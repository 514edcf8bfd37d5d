/**
 * Enqueues links from any program that has BullMQ. It knows nothing of Holdfast but what this prints:
 *   holdfast config --json | node examples/enqueue-with-bullmq.ts 'pasted text' [CASE]
 * The address of the server is in REDIS_URL or DATABASE_URL, as Holdfast has it.
 */
import { json } from 'node:stream/consumers';
import { createPostgresBackend, Queue, QueueEvents, withBackend } from 'bullmq';

const [text, caseName = null] = process.argv.slice(2);
const { jobs } = (await json(process.stdin)) as {
  jobs: { backend: 'redis' | 'postgres'; prefix: string; queues: { submit: string } };
};
const name = jobs.queues.submit;
const { REDIS_URL: url = '', DATABASE_URL: connection = '' } = process.env;
const onPostgres = withBackend(createPostgresBackend);
const onRedis = { connection: { url }, prefix: jobs.prefix };
const queue =
  jobs.backend === 'redis' ? new Queue(name, onRedis) : new onPostgres.Queue(name, { connection });
const events =
  jobs.backend === 'redis'
    ? new QueueEvents(name, onRedis)
    : new onPostgres.QueueEvents(name, { connection });

await events.waitUntilReady();
const payload = { schema: 'holdfast.submit/1', text, case: caseName, by: 'news desk' };
const job = await queue.add('submit', payload, { attempts: 5, backoff: 2_000 });
// Ends when a worker has taken it in: rejects with `code: message` where it could not.
const { submissions } = await job.waitUntilFinished(events as QueueEvents, 60_000);
for (const { link, captureId, rejected } of submissions)
  console.log(`${captureId ?? `rejected (${rejected})`} ${link}`);
await events.close();
await queue.close();
