/** Makes the view of one request. */

import type { Assets } from './assets.ts';
import type { KeptAddresses } from './kept-address.ts';
import type { Archive } from './page.ts';
import type { Session } from './session.ts';
import { type Preferences, queryOf, type View } from './view.ts';
import { wordsOf } from './words/words.ts';

/** `http://127.0.0.1:7070` and the like; empty until they listen. */
export interface Origins {
  pages: string;
  /** Of captured content: another port, so another origin. */
  kept: string;
}

/** Where pages and captured content are found. */
export interface Address {
  origins: Origins;
  /** First part of every path; only those who were given a link know it. */
  base: string;
  kept: KeptAddresses;
}

export interface Reader {
  session: Session;
  here: string;
  preferences: Preferences;
  nonce: string;
}

export function viewOf(
  { base, origins, kept, assets, archive }: Address & { assets: Assets; archive: Archive },
  { session, here, preferences, nonce }: Reader,
): View {
  const link: View['link'] = (path, query = {}) => `/${base}${path}${queryOf(query)}`;
  return {
    ...preferences,
    words: wordsOf(preferences.language),
    environment: archive.parts.home.environment,
    nonce,
    here,
    assets,
    session,
    acts: true,
    link,
    reaches: () => true,
    leave: (address) => link('/leave', { to: address }),
    kept: (way, file) => `${origins.kept}${kept.pathOf(session.tag, way, file)}`,
    withholds: ({ sourceKey }) => !session.shown.has(sourceKey ?? ''),
    hands: ({ removed }) => removed === undefined,
  };
}
