import type { Command } from 'commander';
import { NotFoundError } from '../../base/errors.ts';
import { captureIdFrom } from '../../catalog/capture-id.ts';
import { captureById } from '../../catalog/captures.ts';
import { submissionById } from '../../catalog/submissions.ts';
import type { Submitted } from '../../model/submission.ts';
import { addLinks } from '../../pipeline/intake/add.ts';
import { submittedListing } from '../capture/add.ts';
import { printListing } from '../terminal/output.ts';
import { formatOf, globals, withExisting } from '../verb.ts';

/** A closed capture is never touched: retrying makes a new one of the same link. */
export async function retry(ids: string[], command: Command): Promise<void> {
  const options = globals(command);
  await withExisting(options, async (app) => {
    const again: Submitted[] = [];
    for (const id of ids) {
      const capture = await captureById(
        app.parts.database,
        await captureIdFrom(app.parts.database, id),
      );
      const before = capture && (await submissionById(app.parts.database, capture.submissionId));
      if (!capture || !before) throw new NotFoundError('no-capture', `there is no capture ${id}`);
      const found = { link: before.link, key: capture.sourceKey, facts: before.facts };
      again.push(
        ...(await addLinks(app.parts, await app.queue(), [found], {
          case: before.caseName,
          tags: before.tags,
          note: before.note,
          reason: `retry of ${capture.id}`,
          again: true,
        })),
      );
    }
    printListing(again, submittedListing, formatOf(options));
  });
}
