/** Who is told what, and how: the file of channels that the operator writes. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigError } from '../../base/errors.ts';
import { withoutCredentials } from '../../config/settings/kinds.ts';
import { parseQuietHours } from '../quiet-hours.ts';
import { isTimeZone } from '../time-zone.ts';

/** What is told where a channel doesn't choose. */
export const ordinaryKinds = [
  'suspect',
  'removed',
  'restored',
  'changed',
  'capture.failed',
  'schedule.late',
  'verify.failed',
  'storage.low',
  'worker.down',
];

const url = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .refine(withoutCredentials, 'must not hold a user or password: give a token or a file');
/** A secret stands in the file itself or, better, in one of its own. */
const secret = z.union([z.string().min(1), z.object({ file: z.string().min(1) })], {
  error: 'must be a text, or a file such as { "file": "/run/secrets/hook" }',
});
const secretUrl = z.union([url, secret], {
  error: 'must be an http or https address, or a file such as { "file": "/run/secrets/hook" }',
});
const span = z
  .string()
  .regex(/^\d{1,4}[mhd]$/, 'must be a time such as 30m, 6h or 1d')
  .transform(
    (text) =>
      Number(text.slice(0, -1)) *
      ({ m: 60_000, h: 3_600_000, d: 86_400_000 }[text.at(-1) ?? ''] ?? 0),
  );
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 08:00');

const shared = {
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'must be lower-case letters, digits and -'),
  events: z.array(z.string()).default(ordinaryKinds),
  /** Only what concerns these cases; events that concern no source are told to all. */
  cases: z.array(z.string()).nullable().default(null),
  /** `nothing`: kinds and times only. `source`: which source. `text`: what changed, too. */
  disclose: z.enum(['nothing', 'source', 'text']).default('nothing'),
  digest: z.enum(['none', 'hourly', 'daily']).default('none'),
  /** Of a daily digest, in `timeZone`. */
  digestAt: clock.default('08:00'),
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be a time zone such as Europe/Paris')
    .default('UTC'),
  /** `22:00-07:00` in `timeZone`: what happens then is told afterwards. */
  quiet: z.string().refine(isQuiet, 'must look like 22:00-07:00').nullable().default(null),
  /** Beyond this many messages in this time, what follows is gathered into one. */
  atMost: z
    .object({ messages: z.number().int().positive(), per: span })
    .default({ messages: 20, per: 3_600_000 }),
  /** Told again, up to ten times, until somebody acknowledges. */
  repeatEvery: span.nullable().default(null),
};

const channel = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ ...shared, kind: z.literal('webhook'), url, secret }),
    z.strictObject({
      ...shared,
      kind: z.literal('ntfy'),
      url,
      token: secret.nullable().default(null),
    }),
    z.strictObject({ ...shared, kind: z.literal('slack'), url: secretUrl }),
    z.strictObject({ ...shared, kind: z.literal('discord'), url: secretUrl }),
    z.strictObject({
      ...shared,
      kind: z.literal('matrix'),
      url,
      room: z.string().min(1),
      token: secret,
    }),
    z.strictObject({
      ...shared,
      kind: z.literal('email'),
      /** `smtp://user:password@host:587` or `smtps://host`. */
      smtp: secret,
      from: z.string().min(3),
      to: z.array(z.string().min(3)).min(1),
    }),
  ],
  { error: 'must be an object whose kind is webhook, ntfy, slack, discord, matrix or email' },
);

const file = z.strictObject(
  { channels: z.array(channel) },
  {
    error: (issue) =>
      issue.code === 'invalid_type' ? 'must be an object such as { "channels": [] }' : undefined,
  },
);

/** As read: secrets are still to be fetched with `secretOf`. */
export type Channel = z.infer<typeof channel>;
export type ChannelOf<Kind extends Channel['kind']> = Extract<Channel, { kind: Kind }>;
export type Secret = z.infer<typeof secret>;

/** No file means no channels. @throws ConfigError naming every problem with its place */
export async function readChannels(path: string): Promise<Channel[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new ConfigError([`${path}: can't be read (${error.code ?? error.message})`]);
  });
  if (text === null) return [];
  const parsed = file.safeParse(jsonOf(text, path));
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map(({ path: place, message }) =>
        [path, ...(place.length === 0 ? [] : [place.join('.')]), message].join(': '),
      ),
    );
  }
  refuseTwins(parsed.data.channels, path);
  return parsed.data.channels;
}

/** @throws ConfigError when the secret's file can't be read, or is empty */
export async function secretOf(from: Secret): Promise<string> {
  if (typeof from === 'string') return from;
  const text = await readFile(from.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([`the secret file ${from.file} can't be read (${error.code})`]);
  });
  if (text.trim() !== '') return text.trim();
  throw new ConfigError([`the secret file ${from.file} is empty`]);
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError([`${path}: is not JSON`]);
  }
}

function refuseTwins(channels: Channel[], path: string): void {
  const names = channels.map(({ name }) => name);
  const twins = names.filter((name, index) => names.indexOf(name) !== index);
  if (twins.length > 0) throw new ConfigError([`${path}: two channels are called ${twins[0]}`]);
}

function isQuiet(text: string): boolean {
  try {
    parseQuietHours(text, 'UTC');
    return true;
  } catch {
    return false;
  }
}
