/**
 * Hands captures over as a bundle that a stranger can check. The export is entered in the
 * log of each case first, so that a later, shorter one contradicts it, with a checkpoint over
 * that entry; then what it covers is written out. Where that fails, another entry says so: the
 * first can't be taken back.
 */

import { errno } from '../../base/disk.ts';
import { errorCode } from '../../base/errors.ts';
import { ownVersion } from '../../base/own-package.ts';
import type { CheckpointRow } from '../../catalog/checkpoints.ts';
import { graphicAmong } from '../../catalog/graphic-marks.ts';
import type { BundleContent, PrintReport } from '../../seal/bundle/bundle-content.ts';
import { type WrittenBundle, writeBundle } from '../../seal/bundle/write-bundle.ts';
import { publicKeys } from '../../seal/keys.ts';
import { readNodes } from '../../seal/log.ts';
import { consistencyProof } from '../../seal/merkle-tree.ts';
import { keepInMind, logOrigin, signWithin } from '../custody/checkpoint.ts';
import {
  type CustodyEvent,
  caseHead,
  noteCustody,
  noteTogether,
} from '../custody/custody-event.ts';
import { enterUnlogged } from '../custody/enter-capture.ts';
import { stampDue } from '../custody/stamp.ts';
import { chosenRoots } from '../custody/timestamp-roots.ts';
import { witnessKeys } from '../custody/witness.ts';
import type { Parts } from '../parts.ts';
import { refuseBadNames } from './artifact-names.ts';
import {
  type ClosedCapture,
  closedCapture,
  type HandedRoles,
  handedCaptures,
} from './bundle-captures.ts';
import { checkpointsFor, handedCheckpoints, refuseUnknownSizes } from './bundle-checkpoints.ts';
import { handedDerivations } from './bundle-derivations.ts';
import { detailsOf, entriesFor, provenEntries } from './bundle-entries.ts';
import { type CaseScope, caseScope, withheldDetails } from './case-scope.ts';
import { recordedOtsProofs } from './ots-proofs.ts';
import { makePlaceFor } from './target.ts';

export interface BundleOptions extends HandedRoles {
  /** Name of who hands it over. */
  by: string;
  /** Sizes of checkpoints that the receiver has kept: the bundle shows that it goes on from them. */
  since: number[];
  /** Also `report.pdf`: needs the browser. */
  print?: boolean;
  /** Whether the report also shows what people marked as graphic. */
  showGraphic?: boolean;
  /** Handed over as this case: its chain vouches for all of them, and nothing of others is here. */
  ofCase?: string | undefined;
}

/**
 * @throws UsageError `exists`, `inside-bundle`, `unfinished`, `no-such-checkpoint`; IntegrityError `stored-bytes-differ`,
 *   `log-behind`, `unsafe-name`, `names-clash`; ConfigError; StateError `signing-key-missing`
 */
export async function exportBundle(
  parts: Parts,
  captureIds: string[],
  path: string,
  options: BundleOptions,
  signal: AbortSignal,
): Promise<WrittenBundle> {
  const captures = await Promise.all(
    [...new Set(captureIds)].map((id) => closedCapture(parts, id)),
  );
  await refuseUnknownSizes(parts, options.since);
  // Settings that can't be read are told before anything is entered.
  await witnessKeys(parts);
  await chosenRoots(parts);
  for (const { manifest } of captures) refuseBadNames(manifest.artifacts.map(({ name }) => name));
  await makePlaceFor(path);
  await enterUnlogged(parts, signal);
  const scope =
    options.ofCase === undefined ? null : await caseScope(parts, captures, options.ofCase);
  const exported = await enterExport(parts, captures, scope, options);
  try {
    const newest = exported.checkpoint;
    if (newest instanceof Error) throw newest;
    await keepInMind(parts, newest);
    await stampDue(parts, signal);
    const handing = { captures, scope, exported, newest };
    const content = await contentOf(parts, handing, options, signal);
    return await writeBundle(path, content, signal);
  } catch (error) {
    const reason = signal.aborted ? 'interrupted' : (errno(error) ?? errorCode(error));
    await enterFailure(parts, exported, options.by, reason);
    throw error;
  }
}

interface EnteredExport {
  /** Of the last entry. */
  at: Date;
  caseIds: string[];
  /** Place in the log of each case's entry. */
  entries: { caseName: string | null; idx: number }[];
  /** Over the last entry and no other after it; or why there is none. */
  checkpoint: CheckpointRow | Error;
}

/**
 * One entry a case (where a case is handed over, one in its chain), and the checkpoint over them, with nothing in between: who is handed the
 * bundle can see that nothing of the case follows up to that checkpoint.
 */
async function enterExport(
  parts: Parts,
  captures: ClosedCapture[],
  scope: CaseScope | null,
  options: BundleOptions,
): Promise<EnteredExport> {
  const byCase = [
    ...Map.groupBy(captures, ({ caseName }) => (scope === null ? caseName : scope.caseName)),
  ];
  const events: CustodyEvent[] = [];
  for (const [caseName, own] of byCase) {
    const event = await exportOf(parts, caseName, own, options);
    events.push(scope === null ? event : withScope(event, scope));
  }
  let checkpoint: CheckpointRow | Error = new TypeError('an entry has a checkpoint over it');
  const appended = await noteTogether(parts, events, async (tx) => {
    // Without a checkpoint the entries stand all the same, and it is said that the export failed.
    checkpoint = await signWithin(parts, tx).then(
      (row) => row ?? checkpoint,
      (error: Error) => error,
    );
  });
  return {
    at: new Date(appended.at(-1)?.entry.at ?? 0),
    caseIds: appended.flatMap(({ entry }) => entry.case ?? []),
    entries: byCase.map(([caseName], place) => ({ caseName, idx: appended[place]?.idx ?? 0 })),
    checkpoint,
  };
}

async function exportOf(
  parts: Parts,
  caseName: string | null,
  captures: ClosedCapture[],
  { by, restricted, roles }: BundleOptions,
): Promise<CustodyEvent> {
  return {
    type: 'exported',
    by,
    caseName,
    // An entry is small; all of them are in the detail.
    targets: captures.slice(0, 500).map(({ sha256 }) => sha256),
    detail: {
      format: 'bundle',
      captures: captures.map(({ manifest }) => manifest.captureId),
      manifests: captures.map(({ sha256 }) => sha256),
      restricted,
      roles,
      head: await caseHead(parts, caseName),
    },
  };
}

function withScope(event: CustodyEvent, { shared, derivations, removed }: CaseScope): CustodyEvent {
  return { ...event, detail: { ...event.detail, scope: 'case', shared, derivations, removed } };
}

/** Nothing was handed over. Why is what the caller must hear, also where this can't be written. */
async function enterFailure(
  parts: Parts,
  { entries }: EnteredExport,
  by: string,
  reason: string,
): Promise<void> {
  for (const { caseName, idx } of entries) {
    const detail = { format: 'bundle', entry: idx, reason };
    await noteCustody(parts, { type: 'export-failed', by, caseName, detail }).catch(
      (error: unknown) => parts.log.error({ error, ...detail }, 'failed export not in the log'),
    );
  }
}

interface Handing {
  captures: ClosedCapture[];
  scope: CaseScope | null;
  exported: EnteredExport;
  newest: CheckpointRow;
}

async function contentOf(
  parts: Parts,
  { captures, scope, exported, newest }: Handing,
  options: BundleOptions,
  signal: AbortSignal,
): Promise<BundleContent> {
  const { witnesses } = parts.config.seal;
  const proofs = await recordedOtsProofs(parts, newest.size);
  const rows = await checkpointsFor(parts, captures, newest, proofs, options.since);
  const checkpoints = await handedCheckpoints(parts, rows, proofs);
  const { caseIds } = exported;
  const files = new Set(
    captures.flatMap(({ manifest }) => manifest.artifacts.map(({ sha256 }) => sha256)),
  );
  const entries = await entriesFor(parts, { caseIds, files, scope }, checkpoints, newest);
  const withheld =
    scope === null
      ? new Set<number>()
      : await withheldDetails(parts, entries, captures, scope.caseName);
  return {
    exportedAt: exported.at,
    origin: await logOrigin(parts),
    version: ownVersion(),
    captures: handedCaptures(parts, captures, options, scope, signal),
    derivations: handedDerivations(parts, captures, options, {
      ...{ logSize: newest.size, scope },
    }),
    entries: provenEntries(parts, entries, newest),
    details: detailsOf(parts, entries, withheld),
    checkpoints,
    consistency: await Promise.all(
      rows
        .slice(1)
        .map(({ size }, place) => consistencyBetween(parts, rows[place]?.size ?? 0, size)),
    ),
    vkeys: (await publicKeys(parts.vault)).map(({ vkey }) => vkey),
    tsaRoots: await chosenRoots(parts),
    ofCase: scope?.caseName ?? null,
    witnesses: witnesses.map((line) => line.split(/\s+/)[0] ?? ''),
    graphic: options.showGraphic === true ? new Map() : await graphicNotes(parts, captures),
    print: options.print === true && captures.length <= mostPrinted ? printer(parts, signal) : null,
  };
}

async function graphicNotes({ database }: Pick<Parts, 'database'>, captures: ClosedCapture[]) {
  const ids = captures.map(({ manifest }) => manifest.captureId);
  const marks = await graphicAmong(database, ids);
  return new Map([...marks].map(([captureId, { note }]) => [captureId, note]));
}

/** Beyond it, paper is for nobody, and the browser would hold hundreds of pictures at once. */
const mostPrinted = 100;

function printer(
  { renderBrowser }: Pick<Parts, 'renderBrowser'>,
  signal: AbortSignal,
): PrintReport {
  return (html, open) => {
    const bytesOf = async (path: string) => {
      const stream = await open(path);
      return stream === undefined ? null : Buffer.concat(await stream.toArray());
    };
    return renderBrowser.print({ html, open: bytesOf, footer: 'Holdfast: report' }, signal);
  };
}

async function consistencyBetween(parts: Pick<Parts, 'database'>, oldSize: number, size: number) {
  const proof = await consistencyProof(oldSize, size, readNodes(parts.database));
  return { oldSize, size, proof };
}
