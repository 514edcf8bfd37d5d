/** How this reader sees pages: in which language and light, with which addresses. */
import type { GraphicMark } from '../catalog/graphic-marks.ts';
import type { Environment } from '../model/capture-record.ts';
import type { AssetNames } from './assets.ts';
import type { KeptFile, Way } from './kept-address.ts';
import type { Session } from './session.ts';
import type { Language, Words } from './words/words.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** Chosen by the reader, kept in a cookie. */
export interface Preferences {
  language: Language;
  theme: Theme;
  /** Pictures in their own colours; grey otherwise. */
  colour: boolean;
}

export type Query = Record<string, string | number | null | undefined>;

export interface View extends Preferences {
  words: Words;
  environment: Environment;
  nonce: string;
  /** Path and query of this page, below the base. */
  here: string;
  assets: AssetNames;
  session: Session;
  /** Whether forms are answered; a copy on a disk answers none. */
  acts: boolean;
  /** Address of a page of ours. */
  link(path: string, query?: Query): string;
  /** Whether there is such a page. */
  reaches(path: string): boolean;
  /** Address of the page that asks before it leads out. */
  leave(address: string): string;
  /** Address of captured bytes. */
  kept(way: Way, file: KeptFile): string;
  /** Whether what was marked like this is not to be shown to this reader. */
  withholds(mark: Pick<GraphicMark, 'sourceKey'>): boolean;
  /** Whether this file can be had here. */
  hands(file: { role: string; sha256: string; removed?: object }): boolean;
}

/** `?a=1&b=2`, without what is empty. */
export function queryOf(query: Query): string {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value != null && value !== '') said.set(name, String(value));
  return said.size === 0 ? '' : `?${said}`;
}

/** An address of another site, where it is one that a browser opens without running it. */
export function safeHref(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { protocol, href } = new URL(address);
  return protocol === 'http:' || protocol === 'https:' ? href : null;
}
