/** A derivation gets its record and its rows, unless what it was made of was removed meanwhile. */
import { NotFoundError } from '../../base/errors.ts';
import type { Queryable } from '../../catalog/database.ts';
import {
  insertDerivation,
  isNewest,
  lockDerivations,
  replaceTexts,
} from '../../catalog/derivations.ts';
import { holdersOf } from '../../catalog/fixity.ts';
import { ordersOver } from '../../catalog/removals.ts';
import type { CapturedText } from '../../catalog/texts.ts';
import type { PictureText } from '../../media/inspect/ocr.ts';
import type { Transcript } from '../../media/inspect/transcribe.ts';
import type { Derivation } from '../../model/derivation.ts';
import type { WrittenDerivation } from '../../seal/derivation.ts';
import type { Parts } from '../parts.ts';
import { wordsOf } from './document-pages.ts';
import { readText } from './ocr.ts';
import { spokenText } from './transcript.ts';

type Keeping = Pick<Parts, 'database' | 'vault' | 'log'>;

/**
 * Record first, then rows, in turn with removals: an order that came while it was made wins,
 * and nothing of what was made stays. @returns whether it is kept
 */
export async function keepDerivation(parts: Keeping, written: WrittenDerivation): Promise<boolean> {
  const { derivation, bytes } = written;
  const texts = await textsIn(parts, derivation);
  const kept = await parts.database.transaction(async (tx) => {
    await lockDerivations(tx);
    if (await isRemoved(tx, derivation)) return false;
    await parts.vault.keepRecord('derivations', derivation.id, bytes);
    await writeRows(tx, written, texts);
    return true;
  });
  if (!kept) await discard(parts, derivation);
  return kept;
}

/** Rows of a derivation, within a transaction of the caller's: a job's and a rebuild's are the same. */
export async function writeRows(
  tx: Queryable,
  { derivation, sha256 }: WrittenDerivation,
  texts: CapturedText[],
): Promise<void> {
  const isNew = await insertDerivation(tx, derivation, sha256);
  // A rebuild meets them in any order: an earlier reading never takes the place of a later one.
  if (isNew && texts.length > 0 && (await isNewest(tx, derivation.id)))
    await replaceTexts(tx, derivation, texts);
}

async function isRemoved(tx: Queryable, { inputs, files }: Derivation): Promise<boolean> {
  const held = [...inputs, ...files.map(({ sha256 }) => sha256)];
  return (await ordersOver(tx, held)).size > 0;
}

/** What nothing else holds goes again. */
async function discard({ database, vault, log }: Keeping, derivation: Derivation): Promise<void> {
  await vault.removeRecord('derivations', derivation.id);
  for (const { sha256 } of derivation.files) {
    if ((await holdersOf(database, sha256)).length === 0) await vault.remove(sha256);
  }
  log.info({ derivation: derivation.id, kind: derivation.kind }, 'dropped: removed by order');
}

/** What was read and heard lies in the vault: its rows can be made again from there. */
export async function textsIn(
  { vault, log }: Pick<Parts, 'vault' | 'log'>,
  { kind, files }: Pick<Derivation, 'kind' | 'files'>,
): Promise<CapturedText[]> {
  if (kind === 'pages') return wordsIn({ vault, log }, files);
  if (kind !== 'ocr' && kind !== 'transcript') return [];
  const texts: CapturedText[] = [];
  for (const { name, sha256, derivedFrom } of files) {
    if (derivedFrom === null) continue;
    try {
      const document = JSON.parse((await vault.read(sha256)).toString('utf8'));
      texts.push(
        kind === 'ocr'
          ? readText(name, derivedFrom, document as PictureText)
          : spokenText(name, derivedFrom, document as Transcript),
      );
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      log.warn({ sha256 }, 'a text that was read is missing from the vault');
    }
  }
  return texts;
}

async function wordsIn(
  { vault, log }: Pick<Parts, 'vault' | 'log'>,
  files: Derivation['files'],
): Promise<CapturedText[]> {
  const texts: CapturedText[] = [];
  for (const file of files) {
    if (file.mediaType !== 'text/plain') continue;
    try {
      const words = wordsOf(file, await vault.read(file.sha256));
      if (words !== null) texts.push(words);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      log.warn({ sha256: file.sha256 }, 'the text of a document is missing from the vault');
    }
  }
  return texts;
}
