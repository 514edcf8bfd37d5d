/** Text that came from outside: escaped, isolated for its direction, and without signs that steer. */
import { type Html, html } from './html.ts';

const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function withoutSteering(text: string): string {
  return text.toWellFormed().replace(steering, '');
}

/** One run of words: a handle, a name, a title. Never two in one. */
export function captured(text: string | null | undefined): Html {
  return html`<bdi>${withoutSteering(text ?? '')}</bdi>`;
}

/** A long text, in which each line has a direction of its own. */
export function capturedLines(text: string): Html {
  const lines = withoutSteering(text).split(/\r?\n/);
  return html`<div class="captured">${lines.map((line) => (line.trim() === '' ? html`<br>` : html`<p dir="auto">${line}</p>`))}</div>`;
}

/** Addresses, keys, digests: always from left to right. */
export function code(text: string | null | undefined): Html {
  return html`<code dir="ltr">${withoutSteering(text ?? '')}</code>`;
}

/** The sign belongs to the handle: beside it, a name from right to left would take it away. */
export function handle(name: string): Html {
  return html`<bdi class="handle" dir="ltr">@${withoutSteering(name)}</bdi>`;
}
