/** Captures of a source that lie under another key because the rule for keys was another then. */
import type { Queryable } from '../../catalog/database.ts';
import { linksWithFragment } from '../../catalog/timeline.ts';
import { identifyLink } from '../../links/identify-link.ts';

/** Version 0.1.0 left nearly every fragment out: its captures of one view lie under the key of all. */
export async function capturesKeyedBefore(db: Queryable, key: string): Promise<string[]> {
  const sign = key.indexOf('#');
  if (sign === -1) return [];
  const captured = await linksWithFragment(db, key.slice(0, sign));
  return captured.filter(({ link }) => isOf(link, key)).map(({ captureId }) => captureId);
}

function isOf(link: string, key: string): boolean {
  const found = identifyLink(link);
  return 'key' in found && found.key === key;
}
