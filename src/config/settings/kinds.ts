/** How the text of a setting is read: the kinds of value that settings have. */
import { isIP } from 'node:net';
import { z } from 'zod';

export const MiB = 1024 * 1024;

export const optionalText = z.string().min(1).nullable().default(null);
export const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  );
export const wholeNumber = z.coerce
  .number({ error: 'must be a whole number' })
  .int({ error: 'must be a whole number' });
export const count = (fallback: number, most = Number.MAX_SAFE_INTEGER) =>
  wholeNumber.positive({ error: 'must be 1 or more' }).max(most).default(fallback);
/** Longer than this (24 days), and Node's timers end at once instead. */
export const longestTimerMs = 2 ** 31 - 1;
export const ms = (fallback: number) => count(fallback, longestTimerMs);
export const yes = (fallback: boolean) =>
  z
    .enum(['1', '0', 'true', 'false', 'yes', 'no'])
    .default(fallback ? 'yes' : 'no')
    .transform((word) => ['1', 'true', 'yes'].includes(word));
export const proxy = optionalText.refine(
  (text) => text === null || (/^(https?|socks5):\/\/[^/]+\/?$/.test(text) && URL.canParse(text)),
  'must look like http://host:port or socks5://host:port',
);
export const command = optionalText.transform((text, context) => {
  if (text === null || !text.startsWith('[')) return text === null ? null : [text];
  const parsed = z.array(z.string()).min(1).safeParse(safeJson(text));
  if (parsed.success) return parsed.data;
  context.addIssue({ code: 'custom', message: 'must be a path or a JSON array of strings' });
  return z.NEVER;
});

/** Addresses stand in tables, in `status` and in the log: a password in one would stand there too. */
export function withoutCredentials(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url === null || (url.username === '' && url.password === '');
}

/** An address, with a port or without. */
export function isDnsServer(text: string): boolean {
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
