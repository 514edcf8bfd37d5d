/** Captures as text for other programs: a record a line, or a row a file. */

import { csvCell } from '../../base/csv-cell.ts';
import type { CaptureRecord } from '../../model/capture-record.ts';

export function asJsonLines(records: CaptureRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** One row a file, so that digests can be compared in a spreadsheet. */
export function asCsv(records: CaptureRecord[]): string {
  const title = [
    'capture',
    'environment',
    'state',
    'source',
    'link',
    'author',
    'finished_at',
    'role',
    'name',
    'media_type',
    'size_bytes',
    'sha256',
    'manifest_sha256',
  ];
  const rows = records.flatMap((record) =>
    record.artifacts.map((artifact) => [
      record.id,
      record.environment,
      record.state ?? 'unfinished',
      record.source,
      record.link,
      record.post?.author.handle ?? '',
      record.finishedAt ?? '',
      artifact.role,
      artifact.name,
      artifact.mediaType,
      String(artifact.sizeBytes),
      artifact.sha256,
      record.manifestSha256 ?? '',
    ]),
  );
  return [title, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}
