/** A capture as a web archive, to be saved and replayed elsewhere. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { StateError } from '../../../base/errors.ts';
import { captureIdFrom } from '../../../catalog/capture-id.ts';
import { graphicAmong } from '../../../catalog/graphic-marks.ts';
import type { CaptureRecord } from '../../../model/capture-record.ts';
import { exportWacz } from '../../../pipeline/export/wacz.ts';
import type { Parts } from '../../../pipeline/parts.ts';
import type { Download } from '../../page.ts';
import { type Html, html, nothing } from '../../parts/html.ts';
import type { Session } from '../../session.ts';
import type { View } from '../../view.ts';

/** Whether there are recorded exchanges, of a capture that is closed. */
export function isReplayable({ state, artifacts }: CaptureRecord): boolean {
  return state !== null && artifacts.some(({ role }) => role === 'warc');
}

/** Where there are recorded exchanges, and nobody withheld them. */
export function webArchiveLink(
  view: View,
  record: CaptureRecord,
  isWithheld: boolean,
): Html | string {
  const { capture: w } = view.words;
  if (!isReplayable(record) || isWithheld) return nothing;
  return html`<a class="button" href="${view.link(`/captures/${record.id}/wacz`)}">${w.saveWacz}</a><p class="quiet">${w.replayElsewhere}</p>`;
}

/** @throws StateError `graphic-withheld` */
export async function refuseWithheld(
  { database }: Pick<Parts, 'database'>,
  { shown }: Session,
  captureId: string,
): Promise<void> {
  const mark = (await graphicAmong(database, [captureId])).get(captureId);
  if (mark === undefined || shown.has(mark.sourceKey ?? '')) return;
  throw new StateError(
    'graphic-withheld',
    'this capture is marked as graphic: have it shown on its page first',
  );
}

export const webArchiveDownload: Download = {
  path: '/captures/:id/wacz',
  send: async ({ parts, params, session, signal }) => {
    const id = await captureIdFrom(parts.database, params.id ?? '');
    await refuseWithheld(parts, session, id);
    const scratch = await parts.vault.scratch('wacz');
    try {
      const path = join(scratch.folder, `${id}.wacz`);
      const { sizeBytes } = await exportWacz(parts, id, path, signal);
      const file = createReadStream(path);
      void finished(file)
        .catch(() => undefined)
        .then(() => scratch[Symbol.asyncDispose]());
      return new Response(Readable.toWeb(file) as ReadableStream, {
        headers: {
          'content-type': 'application/octet-stream',
          'content-disposition': `attachment; filename="${id}.wacz"`,
          'content-length': String(sizeBytes),
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-store',
        },
      });
    } catch (error) {
      await scratch[Symbol.asyncDispose]();
      throw error;
    }
  },
};
