/** Small things that stand in many places: states, times, sizes, digests. */

import { meaningOf } from '../../base/reasons.ts';
import type { CaptureState } from '../../model/capture-record.ts';
import type { Availability } from '../../model/signals.ts';
import { unnamed } from '../../model/submission.ts';
import type { View } from '../view.ts';
import { captured, code } from './captured.ts';
import { type Html, html, nothing } from './html.ts';

/** Told by its word and its shape, never by colour alone. */
export function stateBadge({ words }: View, state: CaptureState | null): Html {
  const name = state ?? 'unfinished';
  return html`<span class="badge state-${name}">${words.states[name]}</span>`;
}

export function availabilityBadge(
  { words }: View,
  availability: Availability,
  kind: string | null = null,
): Html {
  const why = kind === null ? '' : `: ${words.signals[kind] ?? kind}`;
  return html`<span class="badge now-${availability}">${words.availability[availability]}${why}</span>`;
}

/** UTC, and says so; a browser with script adds the time of this place. */
export function time(view: View, at: Date | string | null | undefined): Html {
  if (at == null) return html`<span class="none">${view.words.none}</span>`;
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}" dir="ltr">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
}

export function exactTime(view: View, at: Date | string | null | undefined): Html {
  if (at == null) return html`<span class="none">${view.words.none}</span>`;
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}" dir="ltr">${iso.replace('T', ' ').replace('Z', '')} UTC</time>`;
}

export function size({ language }: View, bytes: number): Html {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const step = Math.min(Math.max(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), 0), 4);
  const shown = formatOf(language, {
    style: 'unit',
    unit: units[step] ?? 'byte',
    // Its short form has no plural: "37 byte".
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step === 0 ? 0 : 1,
  }).format(bytes / 1000 ** step);
  return html`<span class="num">${shown}</span>`;
}

/** Who asked, as a record has it. */
export function who({ words }: View, by: string): Html {
  return by === unnamed ? html`${words.noName}` : captured(by);
}

export function number({ language }: View, value: number): string {
  return formatOf(language).format(value);
}

/** `3 days`, `20 minutes`: how long between two moments, in the largest unit that fits. */
export function elapsed({ language }: View, from: Date | string, to: Date | string): string {
  const seconds = Math.abs(new Date(to).getTime() - new Date(from).getTime()) / 1000;
  const units = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
    ['second', 1],
  ] as const;
  const [unit, length] = units.find(([, length]) => seconds >= length) ?? ['second', 1];
  const format = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 } as const;
  return formatOf(language, format).format(Math.floor(seconds / length));
}

const formats = new Map<string, Intl.NumberFormat>();

/** A page may show hundreds of numbers, and making a format takes longer than using it. A unit has one form. */
function formatOf(language: string, options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  const key = `${language} ${options.unit ?? ''}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(language, options);
  formats.set(key, made);
  return made;
}

/** All of it, so that it can be compared; breaks anywhere. */
export function digest(sha256: string): Html {
  return html`<code class="digest" dir="ltr">${sha256}</code>`;
}

/** `12.4 s`, `3:07`: a moment of a recording. */
export function moment(ms: number): Html {
  const seconds = ms / 1000;
  const text =
    seconds < 60
      ? `${seconds.toFixed(1)} s`
      : `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
  return html`<span class="num" dir="ltr">${text}</span>`;
}

/** Terms and what is said of them. What has nothing to say is left out. */
export function facts(rows: [term: string, value: Html | string | null][]): Html {
  const said = rows.filter(([, value]) => value !== null && value !== '');
  return html`<dl class="facts">${said.map(
    ([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}

/** Why something ended as it did: in a sentence, and by the code that records use. */
export function reason(view: View, said: string | null): Html | string {
  if (said === null) return nothing;
  const meaning = meaningOf(said)?.replaceAll('`', '') ?? null;
  const words = view.words.signals[said] ?? null;
  if (meaning === null)
    return words === null ? code(said) : html`${words} <span class="quiet">${code(said)}</span>`;
  return html`<bdi lang="en">${meaning}</bdi> <span class="quiet">${code(said)}</span>`;
}
