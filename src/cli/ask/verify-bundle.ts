/** A bundle from somebody else, checked offline: no data folder, no database, no network. */

import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { csvCell } from '../../base/csv-cell.ts';
import { NotFoundError, UsageError } from '../../base/errors.ts';
import { exits } from '../../base/exit-codes.ts';
import { plural } from '../../base/plural.ts';
import { openStoredBundle } from '../../seal/verify/bundle/stored-bundle.ts';
import {
  type BundleFinding,
  bundleStatement,
  count,
  newTally,
  verdictOf,
} from '../../seal/verify/findings.ts';
import { type BundleQuestion, verifyBundle } from '../../seal/verify/verify-bundle.ts';
import { optionalTime } from '../terminal/flags.ts';
import { type Format, write } from '../terminal/output.ts';
import { findingLines, lineOf, warningLines } from './finding-lines.ts';

export interface BundleFlags {
  vkey: string[];
  tsaRoots?: string;
  bitcoinHeaders?: string;
  earlier: string[];
  witness: string[];
  notOlderThan?: string;
  thorough?: boolean;
}

const mostRepeated = 20;

/** Ends with 5 on any fault; the record tells `invalid` from `incomplete`. */
export async function verifyBundleAt(
  path: string,
  flags: BundleFlags,
  format: Format,
): Promise<void> {
  const found = await stat(path).catch(() => null);
  // A pipe would be waited for, and can't be read from its middle.
  if (found !== null && !found.isFile() && !found.isDirectory())
    throw new UsageError('no-bundle', `${path} is neither a folder nor a regular file`);
  if (found === null)
    throw new NotFoundError(
      'no-bundle',
      `there is no bundle or capture "${path}": name a folder or zip file, or an id that holdfast find prints`,
    );
  const question = await questionFrom(flags);
  await using bundle = await openStoredBundle(path).catch((error: Error) => {
    const about = error.message.includes(path) ? '' : `${path}: `;
    throw new UsageError(
      'no-bundle',
      `${about}${error.message}. Bundles are made by holdfast export --format bundle; plain files are checked with sha256sum -c SHA256SUMS`,
    );
  });
  const tally = newTally();
  if (format === 'csv') write('KIND,SUBJECT,RESULT,MESSAGE');
  const findings: BundleFinding[] = [];
  const faults: string[] = [];
  const lines = findingLines(write);
  for await (const finding of verifyBundle(bundle.files, question)) {
    count(tally, finding);
    if (format === 'json') findings.push(finding);
    if (format === 'jsonl') write(JSON.stringify(recordOf(finding)));
    if (format === 'csv') write(csvRow(finding));
    const fault = finding.result === 'invalid' || finding.result === 'incomplete';
    if (fault) faults.push(lineOf(finding));
    if (format === 'table') lines.add(finding);
    if (format === 'ids' && fault) write(lineOf(finding));
  }
  lines.end();
  const verdict = verdictOf(tally);
  const { invalid, incomplete, warnings } = tally;
  if (format === 'json') {
    const record = { bundle: path, verdict, invalid, incomplete, warnings };
    write(
      JSON.stringify(
        {
          schema: 'holdfast.bundle-verification/1',
          ...record,
          findings: findings.map(recordOf),
          statement: bundleStatement,
        },
        null,
        2,
      ),
    );
  }
  // Once more at the end: among hundreds of lines nobody sees the one that matters.
  for (const line of faults.slice(0, mostRepeated)) console.error(line);
  for (const line of warningLines(warnings)) console.error(line);
  console.error(
    `${path}: ${verdict}. ${plural(tally.findings, 'finding')}, ${plural(invalid, 'fault')}, ${incomplete} missing. ${bundleStatement}`,
  );
  if (verdict !== 'valid') process.exitCode = exits.integrity.code;
}

async function questionFrom(flags: BundleFlags): Promise<BundleQuestion> {
  const notOlderThan = optionalTime('--not-older-than', flags.notOlderThan) ?? null;
  return {
    vkeys: (await Promise.all(flags.vkey.map(keysFrom))).flat(),
    tsaRoots: flags.tsaRoots === undefined ? null : await given(flags.tsaRoots, 'utf8'),
    bitcoinHeaders:
      flags.bitcoinHeaders === undefined ? null : await given(flags.bitcoinHeaders, null),
    earlier: await Promise.all(flags.earlier.map((path) => given(path, null))),
    witnesses: (await Promise.all(flags.witness.map(keysFrom))).flat(),
    notOlderThan,
    thorough: flags.thorough === true,
  };
}

const keyForm = /^[^+\s]+\+[0-9a-f]{8}\+\S+$/;

/**
 * Keys are given as they are, or as the name of a file that holds some, such as what
 * `holdfast keys` prints in any format.
 * @throws UsageError `no-key`: with none, the bundle's own would be taken
 */
export async function keysFrom(text: string): Promise<string[]> {
  if (keyForm.test(text)) return [text];
  if (!existsSync(text))
    throw new UsageError('no-key', `"${text}" is neither a key (name+id+key) nor a file of keys`);
  const words = (await given(text, 'utf8')).split(/[\s,"]+/);
  const keys = words.filter((word) => keyForm.test(word));
  if (keys.length > 0) return [...new Set(keys)];
  throw new UsageError('no-key', `${text} holds no keys (name+id+key)`);
}

export async function given(path: string, encoding: 'utf8'): Promise<string>;
export async function given(path: string, encoding: null): Promise<Buffer>;
export async function given(path: string, encoding: 'utf8' | null): Promise<string | Buffer> {
  try {
    return await readFile(path, encoding);
  } catch (error) {
    throw new UsageError('unreadable', `${path} can't be read: ${(error as Error).message}`);
  }
}

function recordOf(finding: BundleFinding): Record<string, unknown> {
  const ok = finding.result === 'ok' || finding.result === 'note';
  return { schema: 'holdfast.finding/1', captureId: null, ok, ...finding };
}

function csvRow({ kind, subject, result, message }: BundleFinding): string {
  return [kind, subject, result, message].map(csvCell).join(',');
}
