/** Pages as a manifest has them, with their words, which lie elsewhere. */
import { NotFoundError } from '../../base/errors.ts';
import type { CapturedPage } from '../../catalog/pages.ts';
import type { Manifest } from '../../seal/manifest.ts';
import { waybackWords } from '../capture/wayback.ts';
import type { Parts } from '../parts.ts';

/** The visible text of a page is an artifact; what was read in somebody's copy is in its step. */
export async function pagesOfManifest(
  parts: Pick<Parts, 'log' | 'vault'>,
  { pages, steps }: Pick<Manifest, 'pages' | 'steps'>,
): Promise<CapturedPage[]> {
  return Promise.all(
    pages.map(async ({ textSha256, ...page }) => ({
      ...page,
      body: textSha256 === null ? waybackWords(page.view, steps) : await textOf(parts, textSha256),
    })),
  );
}

/** A text that is lost is lost to searching; `verify` names the missing file. */
async function textOf(parts: Pick<Parts, 'log' | 'vault'>, sha256: string): Promise<string> {
  try {
    return (await parts.vault.read(sha256)).toString('utf8');
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    parts.log.warn({ sha256 }, 'the text of a page is missing from the vault');
    return '';
  }
}
