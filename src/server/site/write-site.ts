/**
 * Captures as a folder of pages that opens from a disk, without a server and without script: the
 * same parts as the pages of the archive, and copies of the files that they show.
 */

import { createHash } from 'node:crypto';
import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../base/make-folder.ts';
import { sumLine } from '../../pipeline/export/artifact-names.ts';
import { refuseIfThere } from '../../pipeline/export/target.ts';
import type { Parts } from '../../pipeline/parts.ts';
import { readStyle } from '../assets.ts';
import type { OfCapture } from '../page.ts';
import { captureCustody } from '../pages/capture/custody.ts';
import { captureFiles } from '../pages/capture/files.ts';
import { type CaptureHead, headOf } from '../pages/capture/head.ts';
import { capture } from '../pages/capture/look.ts';
import { captureNetwork } from '../pages/capture/network.ts';
import { captureText } from '../pages/capture/text.ts';
import { captureVerify } from '../pages/capture/verify.ts';
import { previewsOf } from '../previews.ts';
import { noSession } from '../session.ts';
import type { Language } from '../words/words.ts';
import { KeptCopies } from './kept-copies.ts';
import { indexPage } from './site-index.ts';
import { sitePage } from './site-layout.ts';
import { placeOf, type Site, siteView } from './site-view.ts';

export interface SiteOptions {
  /** Of the whole, as its first page has it. */
  title: string;
  language: Language;
  /** Whether what people marked as graphic is shown and copied, too. */
  showGraphic: boolean;
  by: string;
  /** The case that it is of: nothing of other cases is in it. */
  ofCase?: string | undefined;
}

export interface WrittenSite {
  captures: number;
  files: number;
  sizeBytes: number;
}

/** Each is a file beside the others of its capture. */
const capturePages = [
  ...[capture, captureText, captureNetwork, captureFiles, captureCustody, captureVerify],
];

/**
 * The folder gets its name when all of it is there.
 * @throws UsageError `exists`, `inside-bundle`; NotFoundError `no-capture`; IntegrityError `stored-bytes-differ`
 */
export async function writeSite(
  parts: Parts,
  captureIds: string[],
  target: string,
  options: SiteOptions,
  signal: AbortSignal,
): Promise<WrittenSite> {
  await refuseIfThere(target);
  await makeFolder(dirname(target));
  const making = await mkdtemp(`${target}.making-`);
  try {
    const written = await writeInto(parts, captureIds, making, options, signal);
    // `mkdtemp` lets nobody else in.
    await chmod(making, 0o777 & ~process.umask());
    await rename(making, target).catch(async (error: unknown) => {
      await refuseIfThere(target);
      throw error;
    });
    return written;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

async function writeInto(
  parts: Parts,
  captureIds: string[],
  folder: string,
  options: SiteOptions,
  signal: AbortSignal,
): Promise<WrittenSite> {
  const copies = new KeptCopies(parts.vault);
  const heads: CaptureHead[] = [];
  for (const id of captureIds) heads.push(await headOf(asking(parts, id, options, signal)));
  const site: Site = {
    ...options,
    copies,
    environment: parts.home.environment,
    captures: new Set(captureIds),
    missing: await missingOf(parts, heads),
  };
  const sums: string[] = [];
  const write = async (name: string, text: string) => {
    await makeFolder(dirname(join(folder, name)));
    await writeFile(join(folder, name), text, { flag: 'wx' });
    sums.push(sumLine(createHash('sha256').update(text).digest('hex'), name));
  };
  await write('style.css', await readStyle());
  const previews = await previewsOf(parts.database, captureIds);
  const view = siteView(site, '/');
  await write('index.html', await sitePage(view, await indexPage(view, options, heads, previews)));
  for (const id of captureIds)
    for (const page of capturePages) {
      signal.throwIfAborted();
      const path = page.path.replace(':id', id);
      const answer = await page.answer(asking(parts, id, options, signal));
      const own = siteView(site, path);
      await write(placeOf(path), await sitePage(own, await answer.show(own)));
    }
  const copied = await copies.write(folder, signal);
  await writeFile(join(folder, 'SHA256SUMS'), [...sums, ...copied.sums].join(''), { flag: 'wx' });
  const files = sums.length + copied.sums.length + 1;
  return { captures: captureIds.length, files, sizeBytes: copied.sizeBytes };
}

function asking(
  parts: Parts,
  id: string,
  { by, ofCase }: SiteOptions,
  signal: AbortSignal,
): OfCapture {
  const query = new URLSearchParams();
  return {
    parts,
    params: { id },
    query,
    session: noSession(),
    signal,
    who: by,
    looks: false,
    ofCase,
  };
}

/** What an order took out, or a disk lost: named in lists, and not copied. */
async function missingOf({ vault }: Parts, heads: CaptureHead[]): Promise<ReadonlySet<string>> {
  const missing = new Set<string>();
  for (const { record } of heads)
    for (const { sha256 } of record.artifacts) if (!(await vault.has(sha256))) missing.add(sha256);
  return missing;
}
