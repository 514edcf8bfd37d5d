import type { Command } from 'commander';
import { NotFoundError } from '../../base/errors.ts';
import { captureIdFrom } from '../../catalog/capture-id.ts';
import { showCapture } from '../../pipeline/answers/show.ts';
import { printCaptures } from '../terminal/capture-report.ts';
import { write } from '../terminal/output.ts';
import { formatOf, globals, withExisting } from '../verb.ts';

export async function show(ids: string[], command: Command): Promise<void> {
  const options = globals(command);
  await withExisting(options, async ({ parts }) => {
    const records = [];
    for (const id of ids) {
      const record = await showCapture(parts, await captureIdFrom(parts.database, id));
      if (record === null) throw new NotFoundError('no-capture', `there is no capture ${id}`);
      records.push(record);
    }
    const format = formatOf(options);
    if (format === 'json' && records.length === 1) write(JSON.stringify(records[0], null, 2));
    else printCaptures(records, format);
  });
}
