import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { captureIdFrom } from '../../src/catalog/captures.ts';
import type { CaptureRecord } from '../../src/catalog/show.ts';
import { UsageError } from '../../src/errors.ts';
import { exportFiles } from '../../src/pipeline/export.ts';
import { exportBundle } from '../../src/pipeline/export-bundle.ts';
import { exportWacz } from '../../src/pipeline/export-wacz.ts';
import type { Parts } from '../../src/pipeline/parts.ts';
import { showCapture } from '../../src/pipeline/show.ts';
import { csvCell, shortSize } from './output.ts';
import { globals, withExisting } from './verb.ts';

interface ExportFlags {
  to: string;
  format: 'files' | 'bundle' | 'wacz' | 'jsonl' | 'csv';
  role: string[];
  restricted?: boolean;
  since: string[];
}

/** Never writes over anything: the target must be new. */
export async function exportCaptures(ids: string[], command: Command): Promise<void> {
  const flags = command.opts<ExportFlags>();
  await withExisting(globals(command), async ({ parts }) => {
    const captureIds = await Promise.all(ids.map((id) => captureIdFrom(parts.database, id)));
    if (flags.format === 'files') {
      for (const id of captureIds) {
        const { folder, files, sizeBytes } = await exportFiles(parts, id, flags.to, flags.role);
        console.error(
          `${folder}: ${files} files, ${shortSize(sizeBytes)}; check with: sha256sum -c SHA256SUMS`,
        );
      }
      return;
    }
    if (flags.format === 'bundle') {
      await exportOneBundle(parts, captureIds, flags);
      return;
    }
    if (flags.format === 'wacz') {
      await exportWebArchives(parts, captureIds, flags.to);
      return;
    }
    const records = (await Promise.all(captureIds.map((id) => showCapture(parts, id)))).filter(
      (record) => record !== null,
    );
    const text = flags.format === 'jsonl' ? asJsonLines(records) : asCsv(records);
    await writeFile(flags.to, text, { flag: 'wx' });
    console.error(`${flags.to}: ${records.length} captures`);
  });
}

/** All captures in one bundle, entered in the log before it is written. */
async function exportOneBundle(
  parts: Parts,
  captureIds: string[],
  { to, role: roles, restricted = false, since }: ExportFlags,
): Promise<void> {
  const sizes = since.map(Number);
  if (!sizes.every((size) => Number.isSafeInteger(size) && size > 0))
    throw new UsageError('bad-size', '--since is the number on the second line of a checkpoint');
  const by = parts.config.operator ?? 'unnamed';
  const options = { by, restricted, roles, since: sizes };
  const { captures, files, sizeBytes } = await untilInterrupted((signal) =>
    exportBundle(parts, captureIds, to, options, signal),
  );
  console.error(
    `${to}: ${captures} captures, ${files} files, ${shortSize(sizeBytes)}; check with: holdfast verify ${to} --vkey KEY`,
  );
}

/** One capture into the named file, several into files of a folder. */
async function exportWebArchives(parts: Parts, captureIds: string[], to: string): Promise<void> {
  const several = captureIds.length > 1;
  if (several) await mkdir(to, { recursive: true });
  await untilInterrupted(async (signal) => {
    for (const id of captureIds) {
      const path = several ? join(to, `${id}.wacz`) : to;
      const { sizeBytes, pages } = await exportWacz(parts, id, path, signal);
      console.error(
        `${path}: ${pages} pages, ${shortSize(sizeBytes)}; check with: holdfast verify-wacz ${path}`,
      );
    }
  });
}

async function untilInterrupted<Result>(
  use: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop);
  try {
    return await use(stopping.signal);
  } finally {
    process.off('SIGINT', stop);
  }
}

function asJsonLines(records: CaptureRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** One row a file, so that digests can be compared in a spreadsheet. */
function asCsv(records: CaptureRecord[]): string {
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
