/** X as a platform. */
import type { Platform } from '../platform.ts';
import { type GraphqlOptions, openGraphql } from './graphql.ts';
import { identify } from './identity.ts';
import { recordX } from './record.ts';
import { renderPost } from './render.ts';

export function openX(options: GraphqlOptions): Platform {
  const graphql = openGraphql(options);
  return {
    name: 'x',
    identify,
    record: (request, ask, signal) => recordX(request, ask, signal, graphql),
    renderPost,
  };
}
