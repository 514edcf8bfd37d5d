/** The frame of a page that lies on a disk. It loads what lies beside it, and runs nothing. */
import type { Shown } from '../page.ts';
import { html } from '../parts/html.ts';
import { brand, demoBand } from '../parts/layout.ts';
import type { View } from '../view.ts';

/** A browser takes each file on a disk for a place of its own: `file:` names them all. */
const policy = [
  "default-src 'none'",
  ...['style-src', 'img-src', 'media-src'].map((kind) => `${kind} 'self' file:`),
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export async function sitePage(view: View, { title, body }: Shown): Promise<string> {
  const { words, language } = view;
  const page = html`<!doctype html>
<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}" class="theme-system">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title} · Holdfast</title>
<link rel="stylesheet" href="${view.link(view.assets.style)}">
</head>
<body class="copy">
<a class="skip" href="#main">${words.layout.skip}</a>
${demoBand(view)}
<div class="frame">
<header class="side"><div class="side-top">${brand(view)}</div>
<nav aria-label="${words.nav.main}"><ul><li><a href="${view.link('/')}">${words.site.all}</a></li></ul></nav>
<label class="check"><input type="checkbox" id="colour"> ${words.site.colour}</label>
</header>
<main id="main" tabindex="-1">
${body}
<p class="data-links">${words.site.statement}</p>
</main>
</div>
</body>
</html>`;
  return `${await page}\n`;
}
