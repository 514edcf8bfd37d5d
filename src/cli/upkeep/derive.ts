import type { Command } from 'commander';
import { NotFoundError, UsageError } from '../../base/errors.ts';
import { plural } from '../../base/plural.ts';
import { captureIdFrom } from '../../catalog/capture-id.ts';
import { closedCaptures } from '../../catalog/captures.ts';
import { closedCapturesOfCase } from '../../catalog/cases.ts';
import type { Queryable } from '../../catalog/database.ts';
import { type DerivationKind, derivationKinds } from '../../model/derivation.ts';
import { deriveAgain } from '../../pipeline/derive/derive-again.ts';
import { knownCase } from '../../pipeline/known-case.ts';
import { write } from '../terminal/output.ts';
import { documentFormatOf, globals, withExisting } from '../verb.ts';

interface DeriveFlags {
  case?: string;
  all?: boolean;
  with?: string;
}

/** Queues derivations to be made again with the tools of today; the earlier ones stay. */
export async function derive(ids: string[], command: Command): Promise<void> {
  const flags = command.opts<DeriveFlags>();
  const options = globals(command);
  const format = documentFormatOf(options);
  const kinds = flags.with === undefined ? null : flags.with.split(',').map(kindFrom);
  await withExisting(options, async ({ parts }) => {
    const captureIds = await chosen(parts.database, ids, flags);
    const asked = await deriveAgain(parts, captureIds, kinds);
    if (format === 'json')
      write(JSON.stringify({ schema: 'holdfast.derive/1', captures: asked, kinds }, null, 2));
    else for (const id of asked) write(id);
    const left = captureIds.length - asked.length;
    console.error(
      `queued for ${plural(asked.length, 'capture')}: holdfast work makes them` +
        (left === 0 ? '' : `; ${plural(left, 'capture')} hold nothing for these kinds`),
    );
  });
}

/** @throws UsageError `which-captures`, NotFoundError `no-case` */
async function chosen(
  database: Queryable,
  ids: string[],
  { case: caseName, all = false }: DeriveFlags,
): Promise<string[]> {
  const choices = [ids.length > 0, caseName !== undefined, all].filter(Boolean).length;
  if (choices === 0)
    throw new UsageError('which-captures', 'name captures by id, or use --case NAME or --all');
  if (choices > 1)
    throw new UsageError('which-captures', 'use either capture ids, --case NAME or --all');
  if (ids.length > 0) return Promise.all(ids.map((id) => captureIdFrom(database, id)));
  if (caseName === undefined) return closedCaptures(database);
  const captureIds = await closedCapturesOfCase(database, await knownCase(database, caseName));
  if (captureIds.length === 0)
    throw new NotFoundError('no-case', `no closed capture is in a case called "${caseName}"`);
  return captureIds;
}

function kindFrom(name: string): DerivationKind {
  const kind = derivationKinds.find((known) => known === name.trim());
  if (kind !== undefined) return kind;
  throw new UsageError(
    'bad-kind',
    `"${name.trim()}" is not a kind of derivation; kinds are ${derivationKinds.join(', ')}`,
  );
}
