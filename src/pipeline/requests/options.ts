/** What may be said beside a text with links, wherever it comes from, and how it is read. */
import { z } from 'zod';
import { textFormats } from '../../links/read-links.ts';
import { type FollowChoice, followLevels } from '../../model/submission.ts';
import { actionList } from './actions.ts';

/** Never empty: what a program forgot to set must not turn "of this case" into "of none". */
export const word = z.string().min(1, 'must not be empty');
const words = word.max(10_000, 'may have 10,000 characters');

/** Of `add` and `archive`. How long a case or a tag may be is for the intake to say. */
export const submitOptions = {
  case: word.nullish(),
  tags: z.array(word).max(100, 'may be 100 at most').optional(),
  note: words.nullish(),
  reason: words.nullish(),
  by: word.max(200, 'may have 200 characters').optional(),
  priority: z.int().min(-1_000_000).max(1_000_000).optional(),
  again: z.boolean().optional(),
  profile: word.max(60).optional(),
  watch: word.max(200).optional(),
  timeZone: word.max(100).optional(),
  format: z.enum(textFormats).optional(),
  steps: actionList.optional(),
  follow: z.enum(followLevels).optional(),
  platforms: z.array(word.max(40)).min(1).max(50).optional(),
  sameHost: z.boolean().optional(),
};

/** What is said of the links apart from what is said of the choice between them. */
export function withoutChoice<Options extends FollowChoice>({
  follow,
  platforms,
  sameHost,
  ...terms
}: Options): { choice: FollowChoice; terms: Omit<Options, keyof FollowChoice> } {
  return { choice: { follow, platforms, sameHost }, terms };
}

/** What is wrong, as `case: must not be empty; tags.3: …`, cut short: it repeats what came from outside. */
export function problemsIn(error: z.ZodError): string {
  const lines = error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  return lines.join('; ').slice(0, 500);
}
