/** The page around the player: what is replayed, what that means, and how it ends. */
import { captured } from '../parts/captured.ts';
import { type Html, html, nothing } from '../parts/html.ts';
import { type Language, wordsOf } from '../words/words.ts';
import { replayPaths } from './fence.ts';

export interface Framed {
  language: Language;
  isDemo: boolean;
  source: string;
  startedAt: string;
  /** Where the web archive opens; `null`: at its list of pages. */
  mainPage: { url: string; at: string } | null;
}

const style = `:root{color-scheme:light dark}body{margin:0;display:flex;flex-direction:column;height:100vh;font:15px/1.4 system-ui,sans-serif}
header{display:flex;flex-wrap:wrap;gap:.3rem 1rem;padding:.6rem 1rem;align-items:baseline}header p{margin:0}header a{margin-inline-start:auto}
.band{margin:0;padding:.3rem 1rem;background:#7a1f1f;color:#fff}replay-web-page{display:block;flex:1;min-height:0}`;

export function framePage({ language, isDemo, source, startedAt, mainPage }: Framed): Html {
  const { replay: w, layout } = wordsOf(language);
  const { ui, archive } = replayPaths;
  return html`<!doctype html>
<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><title>${w.title} · Holdfast</title><style>${style}</style><script src="${ui}"></script></head>
<body>${isDemo ? html`<p class="band"><strong>${layout.demo}</strong> ${layout.demoMeaning}</p>` : nothing}
<header><p><strong>${w.title}</strong> <span dir="ltr">${captured(source)}</span> <time datetime="${startedAt}" dir="ltr">${startedAt.slice(0, 16).replace('T', ' ')} UTC</time></p><p>${w.meaning}</p><a href="${replayPaths.end}">${w.end}</a></header>
<noscript><p>${w.needsScript}</p></noscript>
<replay-web-page embed="default" noCache replayBase="/replay/" source="${archive}" url="${mainPage?.url ?? ''}" ts="${(mainPage?.at ?? '').replace(/\D/g, '').slice(0, 14)}"></replay-web-page></body>
</html>`;
}

/** What stands there once it is over. */
export function endedPage(language: Language): Html {
  const { replay: w } = wordsOf(language);
  return html`<!doctype html>
<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}"><head><meta charset="utf-8"><title>${w.title} · Holdfast</title></head><body><p>${w.ended}</p></body></html>`;
}
