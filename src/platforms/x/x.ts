/** X as a platform. */
import type { Platform } from '../platform.ts';
import { identify } from './identity.ts';
import { observeX, xCanaries } from './observe.ts';
import { recordX } from './record.ts';
import { renderPost } from './render/render.ts';
import { type GraphqlOptions, openGraphql } from './routes/graphql.ts';
import { addressesOfPost, isAddressOf, readKeptPost } from './routes/third-party.ts';

export function openX(options: GraphqlOptions): Platform {
  const graphql = openGraphql(options);
  return {
    name: 'x',
    identify,
    record: (request, ask, signal) => recordX(request, ask, signal, graphql),
    observe: (request, ask, signal) => observeX(request, ask, signal, graphql),
    canaries: () => xCanaries,
    atArchives: { addresses: addressesOfPost, isSame: isAddressOf, read: readKeptPost },
    renderPost,
  };
}
