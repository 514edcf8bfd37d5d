import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { NotFoundError, UsageError } from '../../base/errors.ts';
import { forTerminal } from '../../base/for-terminal.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { plural } from '../../base/plural.ts';
import { captureIdFrom } from '../../catalog/capture-id.ts';
import { closedCapturesOfCase } from '../../catalog/cases.ts';
import type { CaptureRecord } from '../../model/capture-record.ts';
import { unnamed } from '../../model/submission.ts';
import { showCapture } from '../../pipeline/answers/show.ts';
import { exportBundle } from '../../pipeline/export/bundle.ts';
import { exportFiles } from '../../pipeline/export/files.ts';
import { recordWithin } from '../../pipeline/export/handed-order.ts';
import { refuseUnknownRoles } from '../../pipeline/export/roles.ts';
import { refuseInsideBundle } from '../../pipeline/export/target.ts';
import { exportWacz } from '../../pipeline/export/wacz.ts';
import { knownCase } from '../../pipeline/known-case.ts';
import type { Parts } from '../../pipeline/parts.ts';
import type { Language } from '../../server/words/words.ts';
import { asCsv, asJsonLines } from '../terminal/export-records.ts';
import { shellWord, shortSize } from '../terminal/output.ts';
import { refuseWithoutFolder, writingTo } from '../terminal/write-target.ts';
import { globals, withExisting } from '../verb.ts';

interface ExportFlags {
  to: string;
  format: 'files' | 'bundle' | 'site' | 'wacz' | 'jsonl' | 'csv';
  case?: string;
  role: string[];
  restricted?: boolean;
  since: string[];
  /** `--no-pdf` */
  pdf: boolean;
  showGraphic?: boolean;
  language: Language;
}

/** Never writes over anything: the target must be new. */
export async function exportCaptures(ids: string[], command: Command): Promise<void> {
  const flags = command.opts<ExportFlags>();
  refuseIdleFlags(flags);
  await refuseInsideBundle(flags.to);
  await refuseWithoutFolder(flags.to);
  await withExisting(globals(command), async ({ parts }) => {
    refuseOtherThanOne(ids, flags.case);
    const ofCase =
      flags.case === undefined ? {} : { case: await knownCase(parts.database, flags.case) };
    const captureIds = await chosen(parts, ids, ofCase.case);
    await writingTo(flags.to, () => exportAs(parts, captureIds, { ...flags, ...ofCase }));
  });
}

/** @throws UsageError `which-captures` */
function refuseOtherThanOne(ids: string[], caseName: string | undefined): void {
  if (ids.length > 0 === (caseName !== undefined))
    throw new UsageError('which-captures', 'name captures by id, or a case with --case NAME');
}

/** @throws NotFoundError `no-case` */
async function chosen(
  { database }: Pick<Parts, 'database'>,
  ids: string[],
  caseName: string | undefined,
): Promise<string[]> {
  if (caseName === undefined) {
    const named = await Promise.all(ids.map((id) => captureIdFrom(database, id)));
    return [...new Set(named)];
  }
  const captureIds = await closedCapturesOfCase(database, caseName);
  if (captureIds.length > 0) return captureIds;
  throw new NotFoundError('no-case', `no closed capture is in a case called "${caseName}"`);
}

/** A flag that changes nothing must not look as if it had. @throws UsageError `idle-flag` */
function refuseIdleFlags({ format, role, restricted, since, showGraphic }: ExportFlags): void {
  const idle = {
    '--role goes with --format files or bundle':
      role.length > 0 && !['files', 'bundle'].includes(format),
    '--restricted goes with --format bundle': restricted === true && format !== 'bundle',
    '--show-graphic goes with --format bundle or site':
      showGraphic === true && !['bundle', 'site'].includes(format),
    '--since goes with --format bundle': since.length > 0 && format !== 'bundle',
  };
  for (const [words, isIdle] of Object.entries(idle))
    if (isIdle) throw new UsageError('idle-flag', `${words}, not with ${format}`);
}

async function exportAs(parts: Parts, captureIds: string[], flags: ExportFlags): Promise<void> {
  if (flags.format === 'wacz') return exportWebArchives(parts, captureIds, flags.to);
  if (flags.format === 'site') return exportSite(parts, captureIds, flags);
  const shown = await Promise.all(captureIds.map((id) => showCapture(parts, id)));
  const records = shown.filter((record) => record !== null).map((one) => within(one, flags.case));
  refuseUnknownRoles(records, flags.role);
  if (flags.format === 'files') return exportFolders(parts, captureIds, flags);
  if (flags.format === 'bundle') return exportOneBundle(parts, captureIds, flags);
  const text = flags.format === 'jsonl' ? asJsonLines(records) : asCsv(records);
  await writeFile(flags.to, text, { flag: 'wx' });
  console.error(`${forTerminal(flags.to)}: ${plural(records.length, 'capture')}`);
}

/** What is handed over says nothing of other cases. */
function within(record: CaptureRecord, caseName: string | undefined): CaptureRecord {
  return recordWithin(record, [caseName ?? record.submission.case]);
}

async function exportFolders(
  parts: Parts,
  captureIds: string[],
  { to, role, case: caseName }: ExportFlags,
): Promise<void> {
  for (const id of captureIds) {
    const chosen = { roles: role, ofCase: caseName };
    const { folder, files, sizeBytes, removed } = await exportFiles(parts, id, to, chosen);
    console.error(
      `${forTerminal(folder)}: ${plural(files, 'file')}, ${shortSize(sizeBytes)}; check with: cd ${forTerminal(shellWord(folder))} && sha256sum -c SHA256SUMS`,
    );
    if (removed.length > 0)
      console.error(`left out, because removed by order: ${forTerminal(removed.join(', '))}`);
  }
}

/** @throws UsageError `bad-size` */
function sizeFrom(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new UsageError(
    'bad-size',
    `--since is the number on the second line of a checkpoint, not "${text}"`,
  );
}

/** All captures in one bundle, entered in the log before it is written. */
async function exportOneBundle(
  parts: Parts,
  captureIds: string[],
  { to, role: roles, restricted = false, since, pdf, showGraphic, case: ofCase }: ExportFlags,
): Promise<void> {
  const by = parts.config.operator ?? unnamed;
  const options = {
    ...{ by, restricted, roles, since: since.map(sizeFrom), print: pdf },
    ...{ showGraphic, ofCase },
  };
  const { captures, files, sizeBytes, unprinted } = await untilInterrupted((signal) =>
    exportBundle(parts, captureIds, to, options, signal),
  );
  console.error(
    `${forTerminal(to)}: ${plural(captures, 'capture')}, ${plural(files, 'file')}, ${shortSize(sizeBytes)}; check with: holdfast verify ${forTerminal(shellWord(to))} --vkey KEY (holdfast keys prints it)`,
  );
  if (unprinted !== null)
    console.error(
      `there is no report.pdf: ${forTerminal(unprinted.message)}; print report.html instead`,
    );
  if (roles.length > 0)
    console.error(
      'files with other roles are left out, so verify reports it as incomplete (exit code 5)',
    );
}

/** Pages that open from a disk, by the same parts as those of `serve`. */
async function exportSite(
  parts: Parts,
  captureIds: string[],
  { to, case: caseName, language, showGraphic = false }: ExportFlags,
): Promise<void> {
  const { writeSite } = await import('../../server/site/write-site.ts');
  const by = parts.config.operator ?? unnamed;
  const title = caseName ?? basename(to);
  const options = { title, language, showGraphic, by, ofCase: caseName };
  const { captures, files, sizeBytes } = await untilInterrupted((signal) =>
    writeSite(parts, captureIds, to, options, signal),
  );
  console.error(
    `${forTerminal(to)}: ${plural(captures, 'capture')}, ${plural(files, 'file')}, ${shortSize(sizeBytes)}; open ${forTerminal(shellWord(join(to, 'index.html')))} in a browser`,
  );
}

/** One capture into the named file, several into files of a folder. */
async function exportWebArchives(parts: Parts, captureIds: string[], to: string): Promise<void> {
  const several = captureIds.length > 1;
  if (several) await makeFolder(to);
  await untilInterrupted(async (signal) => {
    for (const id of captureIds) {
      const path = several ? join(to, `${id}.wacz`) : to;
      const { sizeBytes, pages } = await exportWacz(parts, id, path, signal);
      console.error(
        `${forTerminal(path)}: ${plural(pages, 'page')}, ${shortSize(sizeBytes)}; check with: holdfast verify-wacz ${forTerminal(shellWord(path))}`,
      );
    }
  });
}

async function untilInterrupted<Result>(
  use: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stopping = new AbortController();
  const stop = () => stopping.abort(new Error('interrupted'));
  process.once('SIGINT', stop);
  try {
    return await use(stopping.signal);
  } finally {
    process.off('SIGINT', stop);
  }
}
