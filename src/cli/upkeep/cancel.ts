import type { Command } from 'commander';
import { captureIdFrom } from '../../catalog/capture-id.ts';
import { cancelCapture } from '../../pipeline/capture/cancel.ts';
import { globals, withExisting } from '../verb.ts';

export async function cancel(ids: string[], command: Command): Promise<void> {
  const never = new AbortController().signal;
  await withExisting(globals(command), async (app) => {
    for (const id of ids) {
      const captureId = await captureIdFrom(app.parts.database, id);
      const given = await cancelCapture(app.parts, await app.queue(), captureId, never);
      console.error(given ? `${captureId} given up and closed` : `${captureId} was closed already`);
    }
  });
}
