/** What a visitor is to do on a page: as it was asked for with the link, or for every page of its host. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errno } from '../../base/disk.ts';
import { UsageError } from '../../base/errors.ts';
import type { ActionList } from '../../model/actions.ts';
import type { CapturePlan, PageRecipe } from '../../model/plan.ts';
import { factsOf } from '../link-facts.ts';
import type { Parts } from '../parts.ts';
import { readActions } from '../requests/actions.ts';

/** `fault`: why there are none although a file is there. */
export type ActionsFound = { list: ActionList | null; fault: string | null };

/** Of a capture with several pages, what came with the link is for the last: the platform's own. */
export async function actionsFor(
  parts: Pick<Parts, 'database' | 'home'>,
  captureId: string,
  plan: CapturePlan,
  recipe: PageRecipe,
): Promise<ActionsFound> {
  const { steps } = await factsOf(parts, captureId);
  if (steps !== undefined && recipe === plan.pages.at(-1))
    return readOrFault('submission', 'the steps of the submission', steps);
  return actionsOfHost(join(parts.home.folder, 'steps'), new URL(recipe.url).hostname);
}

/** The nearest: of `www.news.example`, then of `news.example`. */
export async function actionsOfHost(folder: string, hostname: string): Promise<ActionsFound> {
  for (const host of withParents(hostname)) {
    const name = `${host}.json`;
    try {
      const json = await readFile(join(folder, name), 'utf8');
      return readOrFault(host, `steps/${name}`, json);
    } catch (error) {
      const code = errno(error);
      if (code === undefined) throw error;
      if (code !== 'ENOENT' && code !== 'ENOTDIR')
        return { list: null, fault: `steps/${name} can't be read (${code})` };
    }
  }
  return { list: null, fault: null };
}

function readOrFault(from: string, name: string, json: string): ActionsFound {
  try {
    return { list: { from, actions: readActions(name, json) }, fault: null };
  } catch (error) {
    if (error instanceof UsageError) return { list: null, fault: error.message };
    throw error;
  }
}

const namesHost = /^[a-z0-9.-]{1,253}$/;

function withParents(hostname: string): string[] {
  if (!namesHost.test(hostname) || hostname.includes('..')) return [];
  const labels = hostname.replace(/\.$/, '').split('.');
  const count = /^[0-9.]+$/.test(hostname) ? 1 : Math.max(1, labels.length - 1);
  return Array.from({ length: count }, (_, from) => labels.slice(from).join('.'));
}
