/**
 * The card under a post: a poll, a preview of a link, a live stream, an advertisement. Its
 * values come under their names: as an object from syndication, as a list from GraphQL.
 */
import { z } from 'zod';
import type { Card, Poll } from '../../post.ts';
import { claimedTime } from './claimed-time.ts';
import { each, maybe, text, unread } from './claims.ts';

const card = z.object({ name: text, url: maybe(text), binding_values: unread });
const value = z.object({ string_value: maybe(text), boolean_value: maybe(z.boolean()) });
const listed = z.object({ key: text, value });
const byName = z.record(z.string(), value.catch({}));

type Value = z.output<typeof value>;
type Values = Map<string, Value>;

/** The whole of these kinds is in the record; of any other there is more than its words. */
const wholeInRecord = /^(?:poll[2-4]choice_text_only|summary(?:_large_image)?)$/;

export function isWholeInRecord({ kind }: Card): boolean {
  return wholeInRecord.test(kind);
}

export function cardClaim(given: unknown): Card | null {
  const parsed = card.safeParse(given);
  if (!parsed.success) return null;
  const { name: kind, url, binding_values } = parsed.data;
  const values = valuesOf(binding_values);
  const first = (...names: string[]) =>
    names.map((name) => values.get(name)?.string_value).find((said) => said) ?? null;
  const poll = pollOf(values);
  const link = first('broadcast_url', 'player_url') ?? webAddress(url) ?? first('card_url');
  return {
    kind,
    title: first('title', 'broadcast_title'),
    description: first('description'),
    // A poll leads nowhere: what stands there is X's front page.
    link: poll === null ? link : null,
    poll,
  };
}

function webAddress(url: string | null | undefined): string | null {
  return url != null && /^https?:\/\//.test(url) ? url : null;
}

function valuesOf(given: unknown): Values {
  if (Array.isArray(given))
    return new Map(each(listed, given).map(({ key, value }) => [key, value]));
  const parsed = byName.safeParse(given);
  return new Map(parsed.success ? Object.entries(parsed.data) : []);
}

const mostChoices = 4;

function pollOf(values: Values): Poll | null {
  const choices: Poll['choices'] = [];
  for (let number = 1; number <= mostChoices; number++) {
    const label = values.get(`choice${number}_label`)?.string_value;
    if (label == null) continue;
    const votes = values.get(`choice${number}_count`)?.string_value;
    choices.push({
      label,
      votes: votes != null && /^\d{1,15}$/.test(votes) ? Number(votes) : null,
    });
  }
  if (choices.length === 0) return null;
  const time = (name: string) => claimedTime(values.get(name)?.string_value ?? null);
  return {
    choices,
    endsAt: time('end_datetime_utc'),
    countedAt: time('last_updated_datetime_utc'),
    isFinal: values.get('counts_are_final')?.boolean_value ?? null,
  };
}
