/** What is shown instead of a page. */
import type { Failure } from '../failure.ts';
import type { Shown } from '../page.ts';
import { code, withoutSteering } from '../parts/captured.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { heading } from '../parts/layout.ts';
import type { View } from '../view.ts';
import type { Language, Words } from '../words/words.ts';

export function failureBody(view: View, { status, code: name, message }: Failure): Shown {
  const { failures } = view.words;
  const title = status === 404 ? failures.notFound : failures.failed;
  const words = message === '' ? failures.meaning[status] : message;
  return {
    title,
    body: html`${heading(title)}
<p dir="auto">${withoutSteering(words ?? '')}</p>
${name === '' ? nothing : html`<p class="quiet">${failures.code} ${code(name)}</p>`}
<p><a href="${view.link('/')}">${failures.back}</a></p>`,
  };
}

/** For whoever has no session: how to get one, and nothing else. */
export function lockedPage(words: Words, language: Language, style: string | null): Html {
  const { locked } = words;
  return html`<!doctype html>
<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}" class="theme-system">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Holdfast</title>
${style === null ? nothing : html`<link rel="stylesheet" href="${style}">`}</head>
<body class="locked"><main><h1>${locked.title}</h1><p>${locked.how}</p><p>${locked.why}</p></main></body>
</html>`;
}
