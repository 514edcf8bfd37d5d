/** Every setting that there is: the environment variable, how its text is read, and its default. */
import { isIP } from 'node:net';
import { z } from 'zod';

const MiB = 1024 * 1024;

const optionalText = z.string().min(1).nullable().default(null);
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  );
const wholeNumber = z.coerce
  .number({ error: 'must be a whole number' })
  .int({ error: 'must be a whole number' });
const count = (fallback: number, most = Number.MAX_SAFE_INTEGER) =>
  wholeNumber.positive({ error: 'must be 1 or more' }).max(most).default(fallback);
/** Longer than this (24 days), and Node's timers end at once instead. */
const longestTimerMs = 2 ** 31 - 1;
const ms = (fallback: number) => count(fallback, longestTimerMs);
const yes = (fallback: boolean) =>
  z
    .enum(['1', '0', 'true', 'false', 'yes', 'no'])
    .default(fallback ? 'yes' : 'no')
    .transform((word) => ['1', 'true', 'yes'].includes(word));
const proxy = optionalText.refine(
  (text) => text === null || (/^(https?|socks5):\/\/[^/]+\/?$/.test(text) && URL.canParse(text)),
  'must look like http://host:port or socks5://host:port',
);
const command = optionalText.transform((text, context) => {
  if (text === null || !text.startsWith('[')) return text === null ? null : [text];
  const parsed = z.array(z.string()).min(1).safeParse(safeJson(text));
  if (parsed.success) return parsed.data;
  context.addIssue({ code: 'custom', message: 'must be a path or a JSON array of strings' });
  return z.NEVER;
});

/** An address, with a port or without. */
function isDnsServer(text: string): boolean {
  const [, host = text] = /^\[?([^[\]]*?)\]?:\d{1,5}$/.exec(text) ?? [];
  return isIP(text) !== 0 || isIP(host) !== 0;
}

/** `null` where the text is no JSON. */
export function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const settings = z.object({
  HOLDFAST_HOME: optionalText,
  DATABASE_URL: optionalText.refine(
    (text) => text === null || /^(postgres(ql)?:\/\/|\/)/.test(text),
    'must look like postgresql://user:password@host/name',
  ),
  HOLDFAST_DATABASE_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,40}$/)
    .default('holdfast'),
  REDIS_URL: optionalText,
  HOLDFAST_UPSTREAM_PROXY: proxy,
  HOLDFAST_DNS: list.refine(
    (servers) => servers.every(isDnsServer),
    'must be a list of addresses such as 9.9.9.9 or [2620:fe::fe]:53',
  ),
  HOLDFAST_EXTRA_CA: optionalText,
  HOLDFAST_ALLOW_PRIVATE: list,
  HOLDFAST_OPERATOR: optionalText,
  HOLDFAST_EXIT: optionalText,
  HOLDFAST_YTDLP: command,
  HOLDFAST_CHROMIUM: optionalText,
  HOLDFAST_CHROMIUM_SANDBOX: yes(true),
  HOLDFAST_FFMPEG: z.string().default('ffmpeg'),
  HOLDFAST_FFPROBE: z.string().default('ffprobe'),
  HOLDFAST_TESSERACT: z.string().default('tesseract'),
  HOLDFAST_OCR_LANGUAGES: z
    .string()
    .regex(
      /^[A-Za-z0-9_]+(\s*,\s*[A-Za-z0-9_]+)*$/,
      'must be tesseract languages, such as eng,ara, or none',
    )
    .default('eng,ara')
    .transform((text) => (text === 'none' ? [] : text.split(',').map((item) => item.trim()))),
  HOLDFAST_OCR_PICTURES: count(24),
  HOLDFAST_HASH_FRAMES: z.enum(['auto', 'frame', 'second']).default('auto'),
  HOLDFAST_HASH_EVERY_FRAME_UP_TO_S: count(180),
  HOLDFAST_TRANSCRIBER: command,
  HOLDFAST_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  HOLDFAST_MEDIA_MAX_BYTES: count(2048 * MiB),
  HOLDFAST_MEDIA_TIMEOUT_MS: ms(30 * 60_000),
  HOLDFAST_PAGE_TIMEOUT_MS: ms(60_000),
  HOLDFAST_PAGE_QUIET_MS: ms(2_000),
  HOLDFAST_PAGE_MAX_HEIGHT_PX: count(20_000),
  HOLDFAST_PAGE_MAX_BYTES: count(2048 * MiB),
  HOLDFAST_KEYFRAMES_PER_MINUTE: count(30),
  HOLDFAST_HOST_INTERVAL_MS: z.coerce.number().int().nonnegative().max(longestTimerMs).default(500),
  HOLDFAST_MAX_WAIT_MS: ms(30 * 60_000),
  HOLDFAST_RETRY_BASE_MS: ms(2_000),
  HOLDFAST_QUEUE_BOUND: count(64),
  HOLDFAST_CONCURRENCY: count(2),
  HOLDFAST_LOCK_MS: ms(30_000),
  HOLDFAST_WAYBACK: yes(true),
  HOLDFAST_WAYBACK_SAVE_CASES: list,
  HOLDFAST_WAYBACK_KEY: optionalText,
  HOLDFAST_ALERTS: optionalText,
  HOLDFAST_ALERT_ALLOW_PRIVATE: list,
  HOLDFAST_STORAGE_LOW_BYTES: count(5 * 1024 * MiB),
  HOLDFAST_X_BEARER: optionalText,
  HOLDFAST_X_QUERY_IDS: list,
  HOLDFAST_CANARIES: list.refine(
    (links) => links.every((link) => /^(good|gone)=./.test(link)),
    'must be a list of good=LINK and gone=LINK',
  ),
  HOLDFAST_REMOVED_MISSES: count(3),
  HOLDFAST_REMOVED_HOURS: count(24),
  HOLDFAST_STATED_MISSES: count(2),
  HOLDFAST_STATED_MINUTES: count(60),
  HOLDFAST_REMOVED_ROUTES: count(2),
  HOLDFAST_BREAKER_PERCENT: count(20),
  HOLDFAST_BREAKER_AT_LEAST: count(5),
  HOLDFAST_LOG_ORIGIN: optionalText.refine(
    (text) => text === null || /^[^\s+]{1,200}$/.test(text),
    'must be a name such as archive.example.org/log, without spaces or plus signs',
  ),
  HOLDFAST_CHECKPOINT_ENTRIES: count(256),
  HOLDFAST_CHECKPOINT_SECONDS: count(60),
  HOLDFAST_TSA_URLS: list.refine(
    (urls) => urls.every((url) => /^https?:\/\//.test(url) && URL.canParse(url)),
    'must be a list of http or https addresses',
  ),
  HOLDFAST_TSA_ROOTS: optionalText,
  HOLDFAST_TSA_POLICIES: list,
  HOLDFAST_OTS_CALENDARS: list
    .refine(
      (urls) =>
        urls.every((url) => /^https:\/\/[A-Za-z0-9\-._/:]+$/.test(url) && URL.canParse(url)),
      'must be a list of https addresses, without user, query or escapes',
    )
    .transform((urls) => urls.map((url) => url.replace(/\/+$/, ''))),
  HOLDFAST_WITNESSES: list,
  HOLDFAST_FIXITY_DAYS: count(90, 36_500),
  HOLDFAST_SECOND_VAULT: optionalText,
  HOLDFAST_ORGANISATION: optionalText,
  HOLDFAST_LEGAL_BASIS: optionalText,
});

export type Settings = z.infer<typeof settings>;
