/** The public API: one object with the verbs that other programs need. */
import { type App, openApp } from './app.ts';
import { NotFoundError } from './base/errors.ts';
import { captureIdFrom } from './catalog/capture-id.ts';
import { type FoundPage, findCaptures, type Question } from './catalog/find.ts';
import type { CaptureRecord } from './catalog/show.ts';
import type { WatchRow } from './catalog/watches.ts';
import { readConfig, type Variables } from './config/config.ts';
import { readLinks, type TextFormat } from './links/read-links.ts';
import { showCapture } from './pipeline/answers/show.ts';
import { type ExportedFiles, exportFiles } from './pipeline/export/files.ts';
import { addLinks } from './pipeline/intake/add.ts';
import type { SubmitOptions, Submitted } from './pipeline/intake/submit.ts';
import { type Finding, verifyAll, verifyCapture } from './pipeline/verify/captures.ts';
import { type WatchOptions, watchSource } from './pipeline/watching/watch.ts';

export * from './base/errors.ts';
export type {
  CaptureRecord,
  ExportedFiles,
  Finding,
  FoundPage,
  Question,
  SubmitOptions,
  Submitted,
  WatchRow,
};

export interface Holdfast extends AsyncDisposable {
  /** Links, or a text, HTML, CSV or JSONL with links in it; rejected ones are told, never thrown. */
  add(text: string, options?: SubmitOptions & { format?: TextFormat }): Promise<Submitted[]>;
  /** Captures a source again: `6h`, or a cron expression. @throws UsageError `bad-plan` */
  watch(link: string, plan: string, options?: WatchOptions): Promise<WatchRow>;
  find(question?: Question): Promise<FoundPage>;
  /** @throws NotFoundError `no-capture` */
  show(captureId: string): Promise<CaptureRecord>;
  /** One result a check; all captures, and the log, when none is named. */
  verify(captureIds?: string[]): AsyncGenerator<Finding>;
  /** Writes a capture as plain files below a folder. @throws UsageError `exists` */
  export(captureId: string, folder: string): Promise<ExportedFiles>;
  close(): Promise<void>;
}

/**
 * Opens Holdfast with settings like those of the environment (`HOLDFAST_HOME`,
 * `DATABASE_URL` …), which `overrides` replace one by one. Captures are carried out by
 * workers (`holdfast work`), not by this object.
 * @throws ConfigError, UnreachableError
 */
export async function openHoldfast(overrides: Variables = {}): Promise<Holdfast> {
  const config = readConfig(overrides, { HOLDFAST_LOG_LEVEL: 'warn' });
  return verbsOf(await openApp(config, { make: 'any' }));
}

function verbsOf(app: App): Holdfast {
  const { parts } = app;
  return {
    async add(text, options = {}) {
      const { format, ...rest } = options;
      return addLinks(parts, await app.queue(), readLinks(text, format), rest);
    },
    watch: (link, plan, options) => watchSource(parts, link, plan, options),
    find: (question = {}) => findCaptures(parts.database, question),
    async show(captureId) {
      const record = await showCapture(parts, await captureIdFrom(parts.database, captureId));
      if (record === null) throw new NotFoundError('no-capture', `no capture ${captureId}`);
      return record;
    },
    async *verify(captureIds) {
      if (captureIds === undefined) {
        yield* verifyAll(parts);
        return;
      }
      for (const id of captureIds) {
        yield* verifyCapture(parts, await captureIdFrom(parts.database, id));
      }
    },
    async export(captureId, folder) {
      return exportFiles(parts, await captureIdFrom(parts.database, captureId), folder);
    },
    close: () => app.close(),
    [Symbol.asyncDispose]: () => app.close(),
  };
}
