/** A bundle from somebody else, checked offline: no data folder, no database, no network. */
import { readFile } from 'node:fs/promises';
import { UsageError } from '../../src/errors.ts';
import {
  type BundleCheck,
  bundleStatement,
  count,
  newTally,
  verdictOf,
} from '../../src/seal/verify/checks.ts';
import { openStoredBundle } from '../../src/seal/verify/stored-bundle.ts';
import { type BundleQuestion, verifyBundle } from '../../src/seal/verify/verify-bundle.ts';
import { type Format, forTerminal, write } from './output.ts';

export interface BundleFlags {
  vkey: string[];
  tsaRoots?: string;
  bitcoinHeaders?: string;
  earlier: string[];
  witness: string[];
  notOlderThan?: string;
  thorough?: boolean;
}

const words = { ok: 'ok', invalid: 'FAULT', incomplete: 'MISSING', note: 'note' };

/** Ends with 5 on any fault; the record tells `invalid` from `incomplete`. */
export async function verifyBundleAt(
  path: string,
  flags: BundleFlags,
  format: Format,
): Promise<void> {
  const question = await questionFrom(flags);
  await using bundle = await openStoredBundle(path).catch((error: Error) => {
    throw new UsageError('no-bundle', error.message);
  });
  const tally = newTally();
  const checks: BundleCheck[] = [];
  for await (const check of verifyBundle(bundle.files, question)) {
    count(tally, check);
    if (format === 'json') checks.push(check);
    if (format === 'jsonl') write(JSON.stringify(recordOf(check)));
    const fault = check.result === 'invalid' || check.result === 'incomplete';
    if (format === 'table' || (format === 'ids' && fault)) write(forTerminal(lineOf(check)));
  }
  const verdict = verdictOf(tally);
  const { invalid, incomplete, warnings } = tally;
  if (format === 'json') {
    const record = { bundle: path, verdict, invalid, incomplete, warnings };
    write(
      JSON.stringify(
        {
          schema: 'holdfast.bundle-verification/1',
          ...record,
          checks: checks.map(recordOf),
          statement: bundleStatement,
        },
        null,
        2,
      ),
    );
  }
  for (const warning of warnings) console.error(`*** ${forTerminal(warning)} ***`);
  console.error(
    `${path}: ${verdict}. ${tally.checks} checks, ${invalid} faults, ${incomplete} missing. ${bundleStatement}`,
  );
  if (verdict !== 'valid') process.exitCode = 5;
}

async function questionFrom(flags: BundleFlags): Promise<BundleQuestion> {
  const notOlderThan = flags.notOlderThan === undefined ? null : new Date(flags.notOlderThan);
  if (notOlderThan !== null && Number.isNaN(notOlderThan.getTime()))
    throw new UsageError('bad-time', `${flags.notOlderThan} is no time (ISO 8601)`);
  return {
    vkeys: (await Promise.all(flags.vkey.map(textOrFile))).flat(),
    tsaRoots: flags.tsaRoots === undefined ? null : await given(flags.tsaRoots, 'utf8'),
    bitcoinHeaders:
      flags.bitcoinHeaders === undefined ? null : await given(flags.bitcoinHeaders, null),
    earlier: await Promise.all(flags.earlier.map((path) => given(path, null))),
    witnesses: (await Promise.all(flags.witness.map(textOrFile))).flat(),
    notOlderThan,
    thorough: flags.thorough === true,
  };
}

/** Keys are given as they are, or as the name of a file with one a line. */
async function textOrFile(text: string): Promise<string[]> {
  if (/^[^+\s]+\+[0-9a-f]{8}\+\S+$/.test(text)) return [text];
  return (await given(text, 'utf8')).split('\n').filter((line) => line.trim() !== '');
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

function recordOf(check: BundleCheck): Record<string, unknown> {
  const ok = check.result === 'ok' || check.result === 'note';
  return { schema: 'holdfast.check/1', captureId: null, ok, ...check };
}

function lineOf({ step, subject, result, message }: BundleCheck): string {
  return `${words[result].padEnd(8)}${step.padEnd(12)}${subject}: ${message}`;
}
