/** Lists of actions as people and programs write them, read strictly: a message names the entry that is wrong. */
import { z } from 'zod';
import { UsageError } from '../../base/errors.ts';
import { type Action, mostActions } from '../../model/actions.ts';

const words = z.string().min(1, 'must not be empty').max(500, 'may have 500 characters');
const timeoutMs = z.int().min(100).max(60_000).optional();
const ms = z.int().min(0).max(60_000);
const target = { selector: words.optional(), text: words.optional() };

const kinds = [
  z.strictObject({ do: z.literal('click'), ...target, timeoutMs }),
  z.strictObject({ do: z.literal('wait'), ...target, ms: ms.optional(), timeoutMs }),
  z.strictObject({
    do: z.literal('scroll'),
    ...target,
    to: z.union([z.enum(['end', 'start']), z.int().min(0).max(1_000_000)]).optional(),
    timeoutMs,
  }),
  z.strictObject({
    do: z.literal('expand'),
    ...target,
    most: z.int().min(1).max(100).optional(),
    timeoutMs,
  }),
  z.strictObject({ do: z.literal('play'), ...target, ms: ms.optional(), timeoutMs }),
] as const;

const action = z
  .discriminatedUnion('do', kinds, { error: 'do must be click, wait, scroll, expand or play' })
  .superRefine((one, context) => {
    const fault = faultOf(one);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  });

/** Of `add` and `archive`. */
export const actionList = z
  .array(action)
  .min(1, 'must have an action')
  .max(mostActions, `may have ${mostActions} actions`);

/** What it needs and what goes together. */
function faultOf(one: Action): string | null {
  const ways = [
    'selector',
    'text',
    ...(one.do === 'wait' ? ['ms'] : []),
    ...(one.do === 'scroll' ? ['to'] : []),
  ];
  const given = ways.filter((name) => name in one && one[name as keyof Action] !== undefined);
  const asWords = `${ways.slice(0, -1).join(', ')} or ${ways.at(-1)}`;
  if (given.length > 1) return `${one.do} takes only one of ${asWords}`;
  return given.length === 0 && one.do !== 'play' ? `${one.do} needs ${asWords}` : null;
}

const mostCharacters = 64 * 1024;

/** @param name of the file, for the message @throws UsageError `bad-steps` */
export function readActions(name: string, json: string): Action[] {
  const parsed = actionList.safeParse(asJson(name, json));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, 5).map(({ path, message }) => {
    const [entry, ...field] = path;
    const where = typeof entry === 'number' ? `entry ${entry + 1}: ` : '';
    return `${where}${field.length === 0 ? '' : `${field.join('.')}: `}${message}`;
  });
  throw new UsageError('bad-steps', `${name}: ${faults.join('; ').slice(0, 600)}`);
}

function asJson(name: string, text: string): unknown {
  if (text.length > mostCharacters)
    throw new UsageError('bad-steps', `${name} is over 64 KiB: no list of actions is so long`);
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : '';
    throw new UsageError('bad-steps', `${name} is not JSON: ${why}`);
  }
}
