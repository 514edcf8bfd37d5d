import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { NotFoundError, UsageError } from '../../base/errors.ts';
import { exits } from '../../base/exit-codes.ts';
import { forTerminal } from '../../base/for-terminal.ts';
import { plural } from '../../base/plural.ts';
import { checkWacz, type WaczReport, waczStatement } from '../../warc/check/check-wacz.ts';
import { write } from '../terminal/output.ts';
import { documentFormatOf, globals } from '../verb.ts';
import { type WaczTrustFlags, waczTrust } from './wacz-trust.ts';

/** One line a box of the standards, and under it each fault. Needs neither a data folder nor the network. */
export async function verifyWacz(files: string[], command: Command): Promise<void> {
  const format = documentFormatOf(globals(command));
  const trust = await waczTrust(command.opts<WaczTrustFlags>());
  const stopping = new AbortController();
  const stop = () => stopping.abort(new Error('interrupted'));
  process.once('SIGINT', stop);
  let faults = 0;
  const documents: unknown[] = [];
  try {
    for (const file of files) {
      await refuseOther(file);
      const report = await checkWacz(file, stopping.signal, { trust });
      faults += report.faults;
      const document = {
        schema: 'holdfast.wacz-verification/1',
        file,
        ok: report.faults === 0,
        ...report,
      };
      if (format === 'json') documents.push({ ...document, statement: waczStatement });
      else if (format === 'jsonl') write(JSON.stringify(document));
      else if (format === 'ids') write(`${report.faults === 0 ? 'ok' : 'FAULT'} ${file}`);
      else print(file, report);
    }
  } finally {
    process.off('SIGINT', stop);
  }
  if (format === 'json') {
    write(JSON.stringify(documents.length === 1 ? documents[0] : documents, null, 2));
  }
  console.error(`files checked: ${files.length}, faults: ${faults}. ${waczStatement}`);
  if (faults > 0) process.exitCode = exits.integrity.code;
}

/** @throws NotFoundError `no-file`, UsageError `not-a-file` */
async function refuseOther(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found === null)
    throw new NotFoundError('no-file', `there is no file "${file}": name a web archive (.wacz)`);
  if (!found.isFile())
    throw new UsageError('not-a-file', `${file} is not a regular file: name a web archive (.wacz)`);
}

function print(file: string, { boxes, findings, faults }: WaczReport): void {
  write(`${forTerminal(file)}: ${faults === 0 ? 'ok' : plural(faults, 'fault')}`);
  for (const { box, meaning, result, examined, notes } of boxes) {
    const word = { ok: 'ok   ', fault: 'FAULT', none: '-    ' }[result];
    const count = result === 'none' ? 'nothing to check' : `${examined} checked`;
    write(`  ${word}  ${meaning} (${count}${notes > 0 ? `, ${plural(notes, 'note')}` : ''})`);
    for (const { level, subject, message, box: of } of findings) {
      if (of !== box) continue;
      write(`         ${level}: ${forTerminal(subject)}: ${forTerminal(message)}`);
    }
  }
}
