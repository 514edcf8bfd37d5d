import type { Command } from 'commander';
import { forTerminal } from '../../base/for-terminal.ts';
import { write, writeDocument } from '../terminal/output.ts';
import { documentFormatOf, globals, withExisting } from '../verb.ts';
import { orderFrom } from './hold.ts';

/** Removes files by order. Says first what would go; does it only with `--yes`. */
export async function removal(targets: string[], command: Command): Promise<void> {
  const options = globals(command);
  const format = documentFormatOf(options);
  const own = command.opts<{
    authority?: string;
    reference?: string;
    reason?: string;
    by?: string;
    yes?: boolean;
  }>();
  await withExisting(options, async ({ parts }) => {
    const { captureIdFrom } = await import('../../catalog/capture-id.ts');
    const { removeByOrder, whatWouldGo } = await import('../../pipeline/custody/removal.ts');
    const order = await orderFrom(own, parts.config.operator);
    const isDigest = (target: string) => /^[0-9a-f]{64}$/i.test(target);
    const sha256s = targets.filter(isDigest).map((target) => target.toLowerCase());
    const captureIds: string[] = [];
    for (const target of targets) {
      if (!isDigest(target)) captureIds.push(await captureIdFrom(parts.database, target));
    }
    if (own.yes !== true) {
      const plan = await whatWouldGo(parts, { captureIds, sha256s });
      if (!writeDocument({ schema: 'holdfast.removal-plan/1', ...plan }, format)) {
        const named = (sha256: string) =>
          `${sha256}  ${forTerminal(plan.names[sha256] ?? '(not a file of a capture)')}`;
        for (const sha256 of plan.targets) write(`would remove  ${named(sha256)}`);
        for (const sha256 of plan.shared)
          write(`would stay    ${named(sha256)} (other captures hold it too)`);
      }
      console.error('nothing was removed: add --yes to remove these files. It cannot be undone');
      return;
    }
    const { row, shared } = await removeByOrder(parts, { captureIds, sha256s, ...order });
    if (writeDocument({ schema: 'holdfast.removal/1', ...row, shared }, format)) return;
    for (const sha256 of row.targets) write(`removed  ${sha256}`);
    for (const sha256 of shared) write(`stays    ${sha256}  (other captures hold it too)`);
    console.error(
      `removed by order (removal ${row.id}). Manifests still describe what was there, including a post's text. Your own backups are not touched: remove the files there too`,
    );
  });
}
