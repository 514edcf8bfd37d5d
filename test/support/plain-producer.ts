/**
 * Another program, which knows BullMQ and what `holdfast config --json` says, and nothing else.
 * Arguments: backend, prefix, name of the queue, address of the server. Adds every job of the
 * JSON array on standard input (`{ data, options }`), waits, and prints how each ended.
 */
import { text } from 'node:stream/consumers';
import { createPostgresBackend, Queue, QueueEvents, withBackend } from 'bullmq';

const [backend, prefix = '', name = '', address = ''] = process.argv.slice(2);
const jobs = JSON.parse(await text(process.stdin)) as { data: unknown; options?: object }[];

const onPostgres = withBackend(createPostgresBackend);
const connection = { path: address };
// From the first one on: it begins to listen some time after it is ready, and a job may have failed by then.
const lastEventId = '0';
const [queue, events] =
  backend === 'redis'
    ? [
        new Queue(name, { connection, prefix }),
        new QueueEvents(name, { connection, prefix, lastEventId }),
      ]
    : [
        new onPostgres.Queue(name, { connection: address }),
        new onPostgres.QueueEvents(name, { connection: address, lastEventId }),
      ];
await events.waitUntilReady();
for (const { data, options } of jobs) {
  const job = await queue.add('submit', data, options);
  const ended = await job.waitUntilFinished(events as QueueEvents, 60_000).then(
    (result: unknown) => ({ result }),
    (error: Error) => ({ failed: error.message }),
  );
  console.log(JSON.stringify({ id: job.id, ...ended }));
}
await events.close();
await queue.close();
