/** How pages look that lie on a disk: addresses lead to files beside them, and nothing can be done. */
import type { Environment } from '../../model/capture-record.ts';
import { restrictedRole } from '../../pipeline/warc-parts.ts';
import { noSession } from '../session.ts';
import type { View } from '../view.ts';
import { type Language, wordsOf } from '../words/words.ts';
import type { KeptCopies } from './kept-copies.ts';

export interface Site {
  language: Language;
  environment: Environment;
  showGraphic: boolean;
  copies: KeptCopies;
  /** Ids of those that have pages here. */
  captures: ReadonlySet<string>;
  /** SHA-256 of files that are named and not there. */
  missing: ReadonlySet<string>;
}

/** `/captures/0198…/text` → `captures/0198…/text.html` */
export function placeOf(path: string): string {
  const [, id, tab] = /^\/captures\/([^/]+)(?:\/([a-z]+))?$/.exec(path) ?? [];
  return id === undefined ? 'index.html' : `captures/${id}/${tab ?? 'index'}.html`;
}

/** @param path of the page that is shown */
export function siteView(site: Site, path: string): View {
  const { language, environment, copies, captures, missing, showGraphic } = site;
  const up = '../'.repeat(placeOf(path).split('/').length - 1);
  return {
    ...{ language, environment, theme: 'system', colour: false, nonce: '', here: path },
    words: wordsOf(language),
    assets: { style: 'style.css', script: '' },
    session: noSession(),
    acts: false,
    link: (to) => `${up}${to === 'style.css' ? to : placeOf(to)}`,
    reaches: (to) => captures.has(/^\/captures\/([^/]+)/.exec(to)?.[1] ?? ''),
    leave: () => `${up}index.html`,
    kept: (way, file) => `${up}${copies.pathOf(way, file)}`,
    withholds: () => !showGraphic,
    hands: ({ role, sha256 }) => role !== restrictedRole && !missing.has(sha256),
  };
}
