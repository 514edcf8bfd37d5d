/** The options of every verb, read as strictly as the command line reads flags. */
import { z } from 'zod';
import { UsageError } from '../base/errors.ts';
import { settings as knownSettings } from '../config/settings.ts';
import { problemsIn, submitOptions, word } from '../pipeline/requests/options.ts';
import { chosenStages } from '../queue/jobs.ts';
import type { Settings } from './holdfast.ts';

const signal = z.instanceof(AbortSignal).optional();

export const stoppable = z.strictObject({ signal });
export const addOptions = z.strictObject(submitOptions);
export const archiveOptions = z.strictObject({
  ...submitOptions,
  sealed: z.boolean().optional(),
  signal,
});
export const workOptions = z.strictObject({
  only: z.array(z.enum(chosenStages)).min(1).optional(),
  concurrency: z.int().min(1).max(1_000).optional(),
  untilDone: z.boolean().optional(),
  signal,
});
export const watchOptions = z.strictObject({
  timeZone: word.optional(),
  case: word.nullish(),
  tags: z.array(word).max(100).optional(),
  note: submitOptions.note,
  by: submitOptions.by,
  captures: z.enum(['always', 'changed']).optional(),
  quiet: word.optional(),
  endsAt: z.date().nullish(),
  untilGone: z.boolean().optional(),
  paused: z.boolean().optional(),
});
export const question = z.strictObject({
  text: word.optional(),
  source: word.optional(),
  platform: word.optional(),
  author: word.optional(),
  state: word.optional(),
  case: word.optional(),
  tag: word.optional(),
  since: z.date().optional(),
  until: z.date().optional(),
  sha256: word.optional(),
  order: z.enum(['newest', 'best']).optional(),
  limit: z.int().min(1).max(1_000).optional(),
  after: word.optional(),
});
/** A question without its page. */
export const counted = question.omit({ order: true, limit: true, after: true });
export const period = z.strictObject({
  from: z.date().optional(),
  to: z.date().optional(),
  case: word.optional(),
});
export const eventOptions = z.strictObject({
  since: word.optional(),
  kinds: z.array(word).min(1).optional(),
  signal,
});
export const exportOptions = z.strictObject({ roles: z.array(word).optional(), signal });

/** @param verb for the message @throws UsageError `unknown-option`, `bad-option` */
export function readOptions<Shape extends z.ZodRawShape>(
  verb: string,
  schema: z.ZodObject<Shape, z.core.$strict>,
  given: unknown = {},
): z.infer<z.ZodObject<Shape, z.core.$strict>> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const unknown = parsed.error.issues.find(({ code }) => code === 'unrecognized_keys');
  if (unknown === undefined)
    throw new UsageError('bad-option', `${verb}: ${problemsIn(parsed.error)}`);
  const known = Object.keys(schema.shape).join(', ');
  throw new UsageError('unknown-option', `${verb}: ${problemsIn(parsed.error)}; it has ${known}`);
}

/** @throws UsageError `bad-argument` */
export function readText(verb: string, name: string, given: unknown): string {
  const parsed = word.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new UsageError('bad-argument', `${verb}: the ${name} ${describe(given)}`);
}

/** @throws UsageError `bad-argument` */
export function readTexts(verb: string, name: string, given: unknown): string[] {
  if (!Array.isArray(given)) {
    throw new UsageError('bad-argument', `${verb}: the ${name}s must be a list of strings`);
  }
  return given.map((one) => readText(verb, name, one));
}

function describe(given: unknown): string {
  return given === '' ? 'must not be empty' : `must be a string, not ${typeof given}`;
}

/** A misspelt setting would leave its default in force, unnoticed. @throws UsageError `unknown-option`, `bad-option` */
export function readSettings(given: unknown): Settings {
  const parsed = z.record(z.string(), z.string().optional()).safeParse(given ?? {});
  if (!parsed.success) {
    throw new UsageError('bad-option', `settings are strings: ${problemsIn(parsed.error)}`);
  }
  const known = new Set(Object.keys(knownSettings.shape));
  const strange = Object.keys(parsed.data).find((name) => !known.has(name.replace(/_FILE$/, '')));
  if (strange === undefined) return parsed.data;
  throw new UsageError(
    'unknown-option',
    `there is no setting ${strange.slice(0, 100)}: holdfast config lists them`,
  );
}
