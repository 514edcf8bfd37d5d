/** Settings about where data lies, which services are used, and the way to the network. */
import { z } from 'zod';
import { count, isDnsServer, list, longestTimerMs, ms, optionalText, proxy } from './kinds.ts';

export const dataSettings = {
  HOLDFAST_HOME: optionalText.describe(
    'The data folder (`./holdfast-data` by default). It holds the vault, the keys and, where no other is named, the database. Verbs that only read look for the nearest `holdfast-data` upwards.',
  ),
  DATABASE_URL: optionalText
    .refine(
      (text) => text === null || /^(postgres(ql)?:\/\/|\/)/.test(text),
      'must look like postgresql://user:password@host/name',
    )
    .describe(
      'A PostgreSQL server (15 or later) instead of the embedded one: `postgresql://user:password@host/name`.',
    ),
  HOLDFAST_DATABASE_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,40}$/)
    .default('holdfast')
    .describe(
      'The schema that holds the catalog. Give each archive in one database a schema of its own.',
    ),
  REDIS_URL: optionalText.describe(
    'A Redis server for the queue, instead of the database: `redis://host:6379`.',
  ),
  HOLDFAST_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('What is logged on stderr. If unset, verbs for people use `error`.'),
};

export const networkSettings = {
  HOLDFAST_UPSTREAM_PROXY: proxy.describe(
    'A proxy between Holdfast and the network (`http://host:port` or `socks5://host:port`). Names are then resolved there. Its host is written into every manifest.',
  ),
  HOLDFAST_DNS: list
    .refine(
      (servers) => servers.every(isDnsServer),
      'must be a list of addresses such as 9.9.9.9 or [2620:fe::fe]:53',
    )
    .describe('DNS servers to ask instead of the system’s, comma-separated.'),
  HOLDFAST_EXTRA_CA: optionalText.describe(
    'A PEM file with one more certificate authority to trust, in the browser too. Its digest is written into every manifest.',
  ),
  HOLDFAST_ALLOW_PRIVATE: list.describe(
    'Private address ranges (CIDR, comma-separated) that captures may reach. Written into every manifest.',
  ),
  HOLDFAST_EXIT: optionalText.describe(
    'A label for the network exit, such as country and provider. Written into every manifest.',
  ),
  HOLDFAST_HOST_INTERVAL_MS: z.coerce
    .number()
    .int()
    .nonnegative()
    .max(longestTimerMs)
    .default(500)
    .describe('The least time between two first requests to the same host, in milliseconds.'),
  HOLDFAST_MAX_WAIT_MS: ms(30 * 60_000).describe(
    'How long a step waits in total for hosts that ask it to come back later, in milliseconds. Then it fails as `rate-limited`.',
  ),
};

export const queueSettings = {
  HOLDFAST_RETRY_BASE_MS: ms(2_000).describe(
    'Wait before the first retry of a job, in milliseconds. It doubles with each retry; half of it is random.',
  ),
  HOLDFAST_QUEUE_BOUND: count(64).describe(
    'How many captures are in the queue at once; the others wait in the catalog.',
  ),
  HOLDFAST_CONCURRENCY: count(2).describe(
    'How many captures a worker process handles at once; at most the number of cores.',
  ),
  HOLDFAST_LOCK_MS: ms(30_000).describe(
    'A worker that is silent for this many milliseconds loses its job to another.',
  ),
};
