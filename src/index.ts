/** The public API: one object with the verbs that other programs need. Of all of `src`, only this file knows the workers. */
import { openApp, type StartWorkers } from './app.ts';
import { readConfig } from './config/config.ts';
import type { Holdfast, Settings } from './library/holdfast.ts';
import { readSettings } from './library/options.ts';
import { verbsOf } from './library/verbs.ts';

export * from './base/errors.ts';
export type * from './library/holdfast.ts';
export type { Action, ActionTarget } from './model/actions.ts';
export type { KeptArtifact, MediaFacts } from './model/artifact.ts';
export type {
  CaptureRecord,
  CaptureState,
  DerivationPart,
  Environment,
  OtsPart,
  SealPart,
  StepState,
} from './model/capture-record.ts';
export type { CatalogEvent, EventOptions } from './model/catalog-event.ts';
export type { DerivationKind, DerivationState } from './model/derivation.ts';
export type { ExportedFiles } from './model/exported-files.ts';
export type { Finding } from './model/finding.ts';
export type {
  FacetName,
  Facets,
  FindOrder,
  FoundCapture,
  FoundPage,
  FoundSnippet,
  Question,
} from './model/found-capture.ts';
export type { Availability, Signal } from './model/signals.ts';
export type {
  BestMatch,
  FramesAsked,
  Place,
  SimilarAnswer,
  SimilarFile,
  SimilarSound,
} from './model/similar-files.ts';
export type { SourceCheck } from './model/source-check.ts';
export type { SealState, StageCounts, Status } from './model/status.ts';
export type {
  AsideLink,
  AsideReason,
  FollowChoice,
  FollowLevel,
  Origin,
  SubmitOptions,
  Submitted,
} from './model/submission.ts';
export type { Takedown, TakedownPeriod } from './model/takedown.ts';
export type { QuietRow, WatchOptions, WatchRow } from './model/watch.ts';

/**
 * Opens an archive, making its data folder where there is none. Settings are those of the
 * environment (`HOLDFAST_HOME`, `DATABASE_URL` …), which `settings` replaces one by one; only
 * warnings are logged, to stderr, unless `HOLDFAST_LOG_LEVEL` says otherwise. Whoever opens it
 * closes it: `await using holdfast = await openHoldfast()`.
 * @throws ConfigError `config-invalid`; UsageError `unknown-option`, `bad-option`, `bad-home`;
 *   UnreachableError where the database is away; StateError `catalog-behind`; StorageError
 */
export async function openHoldfast(settings: Settings = {}): Promise<Holdfast> {
  const config = readConfig(readSettings(settings), { HOLDFAST_LOG_LEVEL: 'warn' });
  return verbsOf(await openApp(config, { make: 'any' }), startWorkers);
}

/** Loaded by the verbs that work alone: the workers bring the browser and the media tools. */
const startWorkers: StartWorkers = async (app, options) => {
  const workers = await import('../workers/main.ts');
  return workers.startWorkers(app, options);
};
