import type { Command } from 'commander';
import type { HoldRow, HoldScope } from '../../catalog/holds.ts';
import { unnamed } from '../../model/submission.ts';
import type { Parts } from '../../pipeline/parts.ts';
import { type Listing, printListing, shortTime } from '../terminal/output.ts';
import { formatOf, globals, withExisting } from '../verb.ts';

interface HoldOptions {
  authority?: string;
  reference?: string;
  reason?: string;
  by?: string;
  case?: string;
  release?: string;
}

const listing: Listing<HoldRow> = {
  columns: [
    { title: 'HOLD', value: (row) => row.id },
    { title: 'ON', value: (row) => `${row.scopeKind} ${row.scope}` },
    { title: 'AUTHORITY', value: (row) => row.authority, width: 30 },
    { title: 'REFERENCE', value: (row) => row.reference, width: 30 },
    { title: 'BY', value: (row) => row.byWhom, width: 20 },
    { title: 'SINCE', value: (row) => shortTime(row.at) },
  ],
  id: (row) => row.id,
  record: (row) => ({ schema: 'holdfast.hold/1', ...row, at: row.at.toISOString() }),
  nothing: 'no hold is in force',
};

/** Sets a hold on a capture, a file or a case; releases one; or lists those in force. */
export async function hold(target: string | undefined, command: Command): Promise<void> {
  const options = globals(command);
  const own = command.opts<HoldOptions>();
  await withExisting(options, async ({ parts }) => {
    const { activeHolds } = await import('../../catalog/holds.ts');
    const { releaseHold, setHold } = await import('../../pipeline/custody/hold.ts');
    const format = formatOf(options);
    if (target === undefined && own.case === undefined && own.release === undefined)
      return printListing(await activeHolds(parts.database), listing, format);
    const order = await orderFrom(own, parts.config.operator);
    const row =
      own.release === undefined
        ? await setHold(parts, { ...(await scopeOf(parts, target, own.case)), ...order })
        : await releaseHold(parts, own.release, order);
    printListing([row], listing, format);
    if (row.scopeKind === 'object' && own.release === undefined) await noteUnheld(parts, row.scope);
    if (own.case !== undefined) {
      const { noteUnknownCase } = await import('../terminal/unknown-case.ts');
      await noteUnknownCase(parts.database, own.case);
    }
  });
}

/** A file may be named before it is kept; a misspelt digest looks just the same, so it is said. */
async function noteUnheld({ database }: Pick<Parts, 'database'>, sha256: string): Promise<void> {
  const { holdersOf } = await import('../../catalog/fixity.ts');
  if ((await holdersOf(database, sha256)).length === 0)
    console.error(`note: no capture holds a file with the SHA-256 ${sha256} yet`);
}

/** @throws UsageError `one-target`, NotFoundError `no-capture` */
async function scopeOf(
  parts: Pick<Parts, 'database'>,
  named: string | undefined,
  caseName: string | undefined,
): Promise<{ scopeKind: HoldScope; scope: string }> {
  const { captureIdFrom } = await import('../../catalog/capture-id.ts');
  const { UsageError } = await import('../../base/errors.ts');
  if (caseName !== undefined && named === undefined) return { scopeKind: 'case', scope: caseName };
  if (named === undefined || caseName !== undefined)
    throw new UsageError('one-target', 'name one capture, one file by its SHA-256, or one --case');
  if (/^[0-9a-f]{64}$/i.test(named)) return { scopeKind: 'object', scope: named.toLowerCase() };
  return { scopeKind: 'capture', scope: await captureIdFrom(parts.database, named) };
}

/** Who ordered it and under which number must be there: without them it binds nobody. */
export async function orderFrom(
  { authority, reference, reason, by }: HoldOptions,
  operator: string | null,
): Promise<{ authority: string; reference: string; reason: string | null; by: string }> {
  const { UsageError } = await import('../../base/errors.ts');
  if (!authority || !reference) {
    throw new UsageError(
      'order-missing',
      'say who ordered it with --authority, and give their number or letter with --reference',
    );
  }
  return { authority, reference, reason: reason ?? null, by: by ?? operator ?? unnamed };
}
