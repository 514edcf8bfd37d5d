/** Every platform that Holdfast knows, in the order in which an address is offered to them. */
import { PermanentError } from '../base/errors.ts';
import type { Platform } from './platform.ts';
import { web } from './web/record.ts';
import type { GraphqlOptions } from './x/routes/graphql.ts';
import { openX } from './x/x.ts';

export interface PlatformSettings {
  x: GraphqlOptions;
}

/** One X platform for each settings object, so that its guest token outlives a single capture. */
const opened = new WeakMap<GraphqlOptions, Platform>();

const defaults: PlatformSettings = { x: { bearer: null, queryIds: [] } };

export function platforms(settings: PlatformSettings = defaults): Platform[] {
  const x = opened.get(settings.x) ?? openX(settings.x);
  opened.set(settings.x, x);
  return [x, web];
}

/** @throws PermanentError `unknown-platform` */
export function platformOf(key: string, settings: PlatformSettings = defaults): Platform {
  const name = key.split(':', 1)[0];
  const found = platforms(settings).find((platform) => platform.name === name);
  if (found) return found;
  throw new PermanentError(
    'unknown-platform',
    `no platform recognises the source ${key.slice(0, 100)}`,
  );
}
