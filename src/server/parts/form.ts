/** Forms: each carries the token of its session. */
import type { View } from '../view.ts';
import { withoutSteering } from './captured.ts';
import { type Html, html, nothing } from './html.ts';

/** The hidden fields of every form that changes something. */
export function hidden(view: View, fields: Record<string, string> = {}): Html {
  return html`<input type="hidden" name="csrf" value="${view.session.csrf}">${Object.entries(
    fields,
  ).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`;
}

/** A button that does one thing. */
export function doing(
  view: View,
  path: string,
  label: string,
  fields: Record<string, string>,
  look: 'plain' | 'main' | 'quiet' = 'plain',
  /** Presses it, where what it stands in is looked at. */
  key: string | null = null,
): Html | string {
  if (!view.acts) return nothing;
  const pressed = key === null ? nothing : html` data-press="${key}" aria-keyshortcuts="${key}"`;
  return html`<form class="inline" method="post" action="${view.link(path)}">${hidden(view, fields)}<button class="${look}"${pressed}>${label}${key === null ? nothing : html` <kbd>${key}</kbd>`}</button></form>`;
}

/** What was filled in when the form of this action was sent last and could not be used. */
export function filled(
  { session: { refused } }: View,
  action: string,
  name: string,
  otherwise = '',
) {
  return (refused?.action === action ? refused.values.get(name) : undefined) ?? otherwise;
}

export function wasRefused({ session: { refused } }: View, action: string): boolean {
  return refused?.action === action;
}

/** Why, beside the field that it is about; `''`: over the form, where it is about none. */
export function trouble(view: View, action: string, name: string): Html | string {
  const { refused } = view.session;
  if (refused?.action !== action || refused.field !== name) return nothing;
  return html`<strong class="trouble" role="alert" id="trouble-${name}" dir="auto">${withoutSteering(refused.message)}</strong>`;
}

/** Attributes of a field: that it is the wrong one, and where that is said. */
export function isWrong(view: View, action: string, name: string): Html | string {
  const { refused } = view.session;
  if (refused?.action !== action || refused.field !== name) return nothing;
  return html` aria-invalid="true" aria-describedby="trouble-${name}" autofocus`;
}

/** Plans to choose from, where one may also be written. */
export function planList(): Html {
  return html`<datalist id="plans"><option value="adaptive"></option><option value="6h"></option><option value="1d"></option></datalist>`;
}

export interface Choice {
  value: string;
  label: string;
}

export function select(name: string, label: string, choices: Choice[], chosen: string): Html {
  return html`<label>${label} <select name="${name}">${choices.map(
    (one) =>
      html`<option value="${one.value}"${one.value === chosen ? html` selected` : nothing}>${one.label}</option>`,
  )}</select></label>`;
}
