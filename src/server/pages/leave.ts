/** Before somebody leaves for an address that was captured: what that tells the other side. */
import { definePage } from '../page.ts';
import { code } from '../parts/captured.ts';
import { html } from '../parts/html.ts';
import { heading } from '../parts/layout.ts';
import { safeHref } from '../view.ts';

export const leave = definePage<string>({
  path: '/leave',
  ask: async ({ query }) => query.get('to') ?? '',
  show: (address, view) => {
    const { leave: w } = view.words;
    const href = safeHref(address);
    return {
      title: w.title,
      body: html`${heading(w.title)}
<p class="address">${code(address)}</p>
${
  href === null
    ? html`<p class="warning">${w.notAWebAddress}</p>`
    : html`<p>${w.risk}</p><ul>${w.risks.map((risk) => html`<li>${risk}</li>`)}</ul>
<p class="buttons"><copy-text data-text="${address}" data-label="${w.copy}" data-done="${w.copied}"></copy-text> <a class="button" rel="noreferrer noopener nofollow external" referrerpolicy="no-referrer" href="${href}">${w.go}</a></p>`
}`,
    };
  },
  record: (address) => ({ address, opens: safeHref(address) !== null }),
  rows: (address) => ({ columns: ['address'], rows: [[address]] }),
});
