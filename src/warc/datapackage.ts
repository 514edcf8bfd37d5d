/** `datapackage.json` and `pages.jsonl` of a WACZ. */
import type { WaczResource } from './wacz.ts';

export interface WaczPage {
  id: string;
  url: string;
  title: string | null;
  /** UTC, ISO 8601: the moment of the record that the page is replayed from. */
  at: string;
  text: string | null;
}

export interface PackageFacts {
  title: string;
  /** Markdown. */
  description: string;
  software: string;
  mainPage: WaczPage | null;
  /** Ours alone; readers of WACZ pass over it. */
  holdfast: Record<string, unknown>;
}

/** `created` comes apart from the rest: what is packed stays the same, whenever that is done. */
export function datapackage(
  facts: PackageFacts,
  resources: WaczResource[],
  created: string | null,
): string {
  const { title, description, software, mainPage, holdfast } = facts;
  const content = {
    profile: 'data-package',
    wacz_version: '1.1.1',
    title,
    description,
    ...(created === null ? {} : { created, modified: created }),
    software,
    ...(mainPage === null ? {} : { mainPageUrl: mainPage.url, mainPageDate: mainPage.at }),
    holdfast,
    resources,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

export function pagesJsonl(pages: WaczPage[]): string {
  const header = { format: 'json-pages-1.0', id: 'pages', title: 'All pages', hasText: true };
  const lines = pages.map(({ id, url, title, at, text }) => ({
    id,
    url,
    title: title ?? url,
    ts: at,
    ...(text === null ? {} : { text }),
  }));
  return [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
}
