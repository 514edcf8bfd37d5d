import type { Command } from 'commander';
import { csvCell } from '../../base/csv-cell.ts';
import { UsageError } from '../../base/errors.ts';
import { exits } from '../../base/exit-codes.ts';
import { forTerminal } from '../../base/for-terminal.ts';
import { plural } from '../../base/plural.ts';
import { captureIdFrom } from '../../catalog/capture-id.ts';
import type { Finding } from '../../model/finding.ts';
import { warningsOf } from '../../pipeline/conditions.ts';
import {
  unfinished,
  verifiableCaptures,
  verifyCapture,
  verifyRest,
  verifyStatement,
} from '../../pipeline/verify/captures.ts';
import { BitcoinHeaders } from '../../seal/verify/formats/bitcoin-headers.ts';
import { type Format, write } from '../terminal/output.ts';
import { formatOf, globals, withExisting } from '../verb.ts';
import { type BundleFlags, given, verifyBundleAt } from './verify-bundle.ts';

/** One line a finding for programs; for people the faults, a line a capture, and what a pass proves. */
export async function verify(ids: string[], command: Command): Promise<void> {
  const options = globals(command);
  const all = command.opts<{ all?: boolean }>().all === true;
  if (!all && ids.length === 0)
    throw new UsageError('nothing-to-verify', 'name captures or a bundle, or use --all');
  if (all && ids.length > 0)
    throw new UsageError('all-or-some', '--all is every capture: name none beside it');
  const [bundle] = ids.filter(isPath);
  if (bundle !== undefined) {
    if (ids.length > 1) throw new UsageError('one-bundle', 'name one bundle, and nothing else');
    await verifyBundleAt(bundle, command.opts<BundleFlags>(), formatOf(options));
    return;
  }
  refuseBundleFlags(command.opts<BundleFlags>());
  const headers = await headersFrom(command.opts<BundleFlags>());
  if (headers !== null && !all)
    throw new UsageError('headers-alone', '--bitcoin-headers goes with --all or a bundle');
  await withExisting(options, async ({ parts }) => {
    const format = formatOf(options);
    if (format === 'csv') write('CAPTURE,SUBJECT,OK,MESSAGE');
    const findings: Finding[] = [];
    const captures = all ? verifiableCaptures(parts) : ids;
    let faults = 0;
    let count = 0;
    for await (const id of captures) {
      const captureId = all ? id : await captureIdFrom(parts.database, id);
      let worst = 'ok';
      for await (const finding of verifyCapture(parts, captureId)) {
        writeFinding(finding, format);
        if (format === 'json') findings.push(finding);
        if (finding.subject === unfinished) worst = finding.message;
        if (finding.ok) continue;
        worst = 'FAULT';
        faults += 1;
        if (format === 'table')
          write(`${captureId}  FAULT  ${forTerminal(finding.subject)}: ${finding.message}`);
      }
      count += 1;
      if (format === 'ids' && worst === 'FAULT') write(captureId);
      if (format === 'table' && worst !== 'FAULT') write(`${captureId}  ${worst}`);
      if (format === 'table') {
        for (const warning of await warningsOf(parts, captureId)) write(`  note: ${warning}`);
      }
    }
    if (all) {
      for await (const finding of verifyRest(parts, undefined, headers)) {
        writeFinding(finding, format);
        if (format === 'json') findings.push(finding);
        if (!finding.ok) faults += 1;
        if (format === 'table')
          write(
            `${finding.ok ? 'ok' : 'FAULT'}  ${finding.subject}: ${forTerminal(finding.message)}`,
          );
      }
    }
    if (format === 'json')
      write(
        JSON.stringify(
          { schema: 'holdfast.verification/1', findings, faults, statement: verifyStatement },
          null,
          2,
        ),
      );
    console.error(
      `${plural(count, 'capture')} checked, ${plural(faults, 'fault')}. ${verifyStatement}`,
    );
    if (faults > 0) process.exitCode = exits.integrity.code;
  });
}

function writeFinding(finding: Finding, format: Format): void {
  if (format === 'jsonl') write(JSON.stringify({ schema: 'holdfast.finding/1', ...finding }));
  if (format !== 'csv') return;
  const { captureId, subject, ok, message } = finding;
  write([captureId ?? '', subject, String(ok), message].map(csvCell).join(','));
}

/** A key or a witness that is not looked at must not look as if it had been. @throws UsageError `bundle-only` */
function refuseBundleFlags(flags: BundleFlags): void {
  const given = {
    '--vkey': flags.vkey.length > 0,
    '--tsa-roots': flags.tsaRoots !== undefined,
    '--earlier': flags.earlier.length > 0,
    '--witness': flags.witness.length > 0,
    '--not-older-than': flags.notOlderThan !== undefined,
    '--thorough': flags.thorough === true,
  };
  for (const [flag, isGiven] of Object.entries(given))
    if (isGiven)
      throw new UsageError('bundle-only', `${flag} goes with a bundle, and with it alone`);
}

/** @throws UsageError where the file can't be read, or holds no headers */
async function headersFrom({ bitcoinHeaders }: BundleFlags): Promise<BitcoinHeaders | null> {
  if (bitcoinHeaders === undefined) return null;
  return BitcoinHeaders.read(await given(bitcoinHeaders, null)).catch((error: Error) => {
    throw new UsageError('bad-headers', `${bitcoinHeaders}: ${error.message}`);
  });
}

/** An id of a capture, or its first digits, is hexadecimal; anything else names a file. */
function isPath(text: string): boolean {
  return !/^[0-9a-f-]{4,36}$/i.test(text) || text.includes('/');
}
