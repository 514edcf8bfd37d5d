/** Forms: each carries the token of its session. */
import type { View } from '../view.ts';
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
