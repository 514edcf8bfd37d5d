/** The frame of every page: the way around, search, what this archive is, and how it is shown. */
import type { View } from '../view.ts';
import { type Html, html, nothing } from './html.ts';

interface Place {
  path: string;
  name: string;
}

function places({ words: { nav } }: View): Place[][] {
  return [
    [
      { path: '/', name: nav.overview },
      { path: '/items', name: nav.items },
      { path: '/cases', name: nav.cases },
      { path: '/duplicates', name: nav.duplicates },
    ],
    [
      { path: '/add', name: nav.add },
      { path: '/queue', name: nav.queue },
      { path: '/watches', name: nav.watches },
      { path: '/takedowns', name: nav.takedowns },
    ],
    [
      { path: '/exports', name: nav.exports },
      { path: '/doctor', name: nav.doctor },
      { path: '/settings', name: nav.settings },
    ],
  ];
}

export interface Framed {
  title: string;
  body: Html;
  refreshSeconds?: number;
  refreshesAlways?: boolean;
}

export function layout(view: View, { title, body, refreshSeconds, refreshesAlways }: Framed): Html {
  const { words, language, assets, nonce } = view;
  return html`<!doctype html>
<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}" class="theme-${view.theme}${view.colour ? ' in-colour' : ''}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title} · Holdfast</title>
<link rel="stylesheet" href="${view.link(assets.style)}">
<script type="module" nonce="${nonce}" src="${view.link(assets.script)}"></script>
${refreshSeconds === undefined ? nothing : refresh(refreshSeconds, refreshesAlways ?? false)}
</head>
<body data-live="${view.link('/live')}">
<a class="skip" href="${view.link(view.here)}#main">${words.layout.skip}</a>
${demoBand(view)}
<div class="frame">
${header(view)}
<main id="main" tabindex="-1">
${body}
</main>
</div>
</body>
</html>`;
}

function refresh(seconds: number, isAlways: boolean): Html {
  const again = html`<meta http-equiv="refresh" content="${String(seconds)}">`;
  return isAlways ? again : html`<noscript>${again}</noscript>`;
}

/** On every page of a demonstration. */
export function demoBand({ environment, words }: View): Html | string {
  if (environment !== 'demo') return nothing;
  return html`<p class="band"><strong>${words.layout.demo}</strong> <span>${words.layout.demoMeaning}</span></p>`;
}

export function brand(view: View): Html {
  return html`<a class="brand" href="${view.link('/')}"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3v12m-6 6c0-4 3-5 6-6 3 1 6 2 6 6m-6-6v6M6 6c3 0 5 1 6 4 1-3 3-4 6-4"/></svg><span>Holdfast</span></a>`;
}

function header(view: View): Html {
  const { words } = view;
  return html`<header class="side">
<div class="side-top">
${brand(view)}
<form class="find" role="search" action="${view.link('/items')}" method="get">
<label class="hidden" for="find">${words.nav.find}</label>
<input id="find" name="q" type="search" dir="auto" placeholder="${words.nav.find}" autocomplete="off" data-key="/">
</form>
</div>
<details class="menu">
<summary>${words.nav.menu}</summary>
${navigation(view)}
</details>
</header>`;
}

function navigation(view: View): Html {
  const path = view.here.split('?')[0] ?? '/';
  const isHere = (place: string) =>
    place === '/' ? path === '/' : path === place || path.startsWith(`${place}/`);
  return html`<nav aria-label="${view.words.nav.main}">
${places(view).map(
  (group) =>
    html`<ul>${group.map(
      ({ path: to, name }) =>
        html`<li><a href="${view.link(to)}"${isHere(to) ? html` aria-current="page"` : nothing}>${name}</a></li>`,
    )}</ul>`,
)}
${preferences(view)}
</nav>`;
}

/** Without script each is a button that comes back to the same page. */
function preferences(view: View): Html {
  const { words } = view;
  const other = view.language === 'ar' ? 'en' : 'ar';
  const theme = { system: 'dark', dark: 'light', light: 'system' }[view.theme];
  return html`<form class="prefs" method="post" action="${view.link('/preferences')}">
<input type="hidden" name="csrf" value="${view.session.csrf}">
<input type="hidden" name="back" value="${view.here}">
<button name="language" value="${other}" lang="${other}">${words.prefs.otherLanguage}</button>
<button name="theme" value="${theme}">${words.prefs.theme[view.theme]}</button>
<button name="colour" value="${view.colour ? 'no' : 'yes'}">${view.colour ? words.prefs.inColour : words.prefs.inGrey}</button>
</form>`;
}

/** The head of a page: its name, what stands beside it, and the same for programs. */
export function heading(title: Html | string, beside: Html | string = nothing): Html {
  return html`<div class="heading"><h1 dir="auto">${title}</h1>${beside}</div>`;
}

/** The same answer for programs. */
export function dataLinks(view: View): Html | string {
  if (!view.acts) return nothing;
  const [path = '/', query = ''] = view.here.split('?');
  const base = path === '/' ? '/overview' : path;
  const to = (ending: string) => view.link(`${base}.${ending}${query === '' ? '' : `?${query}`}`);
  return html`<p class="data-links">${view.words.layout.sameAs} <a href="${to('json')}">JSON</a> <a href="${to('csv')}">CSV</a></p>`;
}
