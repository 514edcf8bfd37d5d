/** The picture of each capture in a list, and which of them are marked as graphic. */
import type { Queryable } from '../catalog/database.ts';
import { type GraphicMark, graphicAmong } from '../catalog/graphic-marks.ts';
import { stillPictures } from '../catalog/still-pictures.ts';
import type { KeptFile } from './kept-address.ts';
import type { Html } from './parts/html.ts';
import { thumbnail } from './parts/picture.ts';
import type { View } from './view.ts';

export interface Previews {
  files: Map<string, KeptFile>;
  marks: Map<string, GraphicMark>;
}

export async function previewsOf(db: Queryable, captureIds: string[]): Promise<Previews> {
  const [files, marks] = await Promise.all([
    stillPictures(db, captureIds),
    graphicAmong(db, captureIds),
  ]);
  return { files, marks };
}

export function previewOf(
  view: View,
  { files, marks }: Previews,
  captureId: string,
  alt: string,
): Html {
  return thumbnail(view, files.get(captureId) ?? null, marks.get(captureId), alt);
}
