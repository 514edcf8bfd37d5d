/** What a search asks for, as its address says. */
import type { Question } from '../../model/found-capture.ts';
import type { Query, View } from '../view.ts';

export const states = ['complete', 'partial', 'blocked', 'failed', 'unfinished'] as const;

export const filters = [
  ...(['q', 'platform', 'author', 'state', 'case', 'tag'] as const),
  ...(['since', 'until', 'sha256', 'source', 'order'] as const),
];
export type Filter = (typeof filters)[number];

export interface Search {
  asked: Partial<Record<Filter, string>>;
  asSheet: boolean;
}

export function askedIn(query: URLSearchParams): Search['asked'] {
  const said = filters.map((name) => [name, query.get(name)?.trim() ?? ''] as const);
  return Object.fromEntries(said.filter(([, value]) => value !== ''));
}

export function questionFrom({ q, since, until, order, ...rest }: Search['asked']): Question {
  const best = order === 'best' ? 'best' : undefined;
  return { ...rest, text: q, since: dayFrom(since), until: dayFrom(until), order: best };
}

/** What a date field sends; anything else asks for nothing. */
function dayFrom(text: string | undefined): Date | undefined {
  return text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(text) : undefined;
}

/** The same search with one thing changed. */
export function here(view: View, { asked, asSheet }: Search, change: Query): string {
  return view.link('/items', { ...asked, view: asSheet ? 'sheet' : null, ...change });
}
