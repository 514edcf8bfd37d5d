/** Visits the pages of a capture in one browser of its own and keeps what they showed. */

import { TransientError } from '../../base/errors.ts';
import type { OpenBrowser } from '../../browser/browser.ts';
import { openProfile, type Profile } from '../../browser/profiles.ts';
import type { NewArtifact } from '../../model/artifact.ts';
import type { CapturePlan, PageRecipe } from '../../model/plan.ts';
import { openRecorder, type Recorder } from '../../recorder/recorder.ts';
import { type PageVisit, visitPage } from '../../visit/visit-page.ts';
import { browserBehindDoor } from '../browser-behind-door.ts';
import { factsOf } from '../link-facts.ts';
import type { Parts, StageRun } from '../parts.ts';
import { plannedStep, planOf } from '../plan-file.ts';
import { runStep, type StepResult } from '../run-step.ts';
import { concludeAbout } from '../watching/conclude.ts';
import { type ActionsFound, actionsFor } from './actions-for.ts';
import { waitWhereBrowserWasAsked } from './asked-to-wait.ts';
import { subjectOf } from './describe-capture.ts';
import { storeFoundInPages } from './found-in-pages.ts';
import { storePageWarc } from './page-warc.ts';
import { toldByVisits } from './told-by-visits.ts';
import { askThirdParty } from './wayback.ts';

/** Failures that another attempt may not meet again. */
const passing = new Set([
  'dns',
  'refused',
  'reset',
  'unreachable',
  'timed-out',
  'renderer-crashed',
  'upstream-failed',
  'page-closed',
]);

export async function visitPages(parts: Parts, run: StageRun): Promise<void> {
  const plan = await planOf(parts, run.captureId);
  await runStep(parts, run, plannedStep(plan, 'page'), async () => {
    for (const recipe of plan.pages) await parts.pace.ask(recipe.url, run.signal);
    const startedAt = new Date().toISOString();
    await using bodies = await parts.vault.scratch('bodies');
    const profile = await profileFor(parts, run.captureId);
    const visits = await recordVisits(
      parts,
      plan,
      { captureId: run.captureId, folder: bodies.folder, profile },
      run.signal,
    );
    await waitWhereBrowserWasAsked(
      parts,
      visits.flatMap(({ exchanges }) => exchanges),
    );
    await refuseIfPassing(parts, visits, run);
    const withhold = profile !== null;
    const { captureId, signal } = run;
    const warc = await storePageWarc(parts, { captureId, startedAt, withhold }, visits, signal);
    const found = await storeFoundInPages(parts, plan, visits, { withhold, signal });
    const verdict = verdictOf(visits);
    if (profile !== null) verdict.detail = { ...verdict.detail, profile: summaryOf(profile) };
    const told = await toldByVisits(parts, plan, visits);
    return { ...verdict, ...extrasOf(visits, [...warc, ...found]), ...told };
  });
  // A post was asked about when its record was; of a page it is known only now.
  if (plan.shape !== 'page') return;
  await askThirdParty(parts, run, plan.source);
  const { source } = await subjectOf(parts, run.captureId, parts.database);
  await concludeAbout(parts, [source]);
}

/** The named profile that whoever submitted the link wants it looked at with. */
async function profileFor(parts: Parts, captureId: string): Promise<Profile | null> {
  const { profile } = await factsOf(parts, captureId);
  return profile === undefined ? null : openProfile(parts.home.folder, profile);
}

/** What the manifest says of it: never a cookie. */
function summaryOf({ name, keptAt }: Profile) {
  return { name, keptAt };
}

/** Side by side: most of a visit is waiting for the page to become quiet. */
async function recordVisits(
  parts: Parts,
  plan: CapturePlan,
  { captureId, folder, profile }: { captureId: string; folder: string; profile: Profile | null },
  signal: AbortSignal,
): Promise<PageVisit[]> {
  await using browser = await browserBehindDoor(parts, signal);
  const { pageMaxBytes: maxBytes } = parts.config.limits;
  const { client } = parts.egress;
  await using recorder = await openRecorder({ browser, client, folder, maxBytes, signal });
  return await Promise.all(
    plan.pages.map(async (recipe) => {
      const actions = await actionsFor(parts, captureId, plan, recipe);
      return visit(parts, { browser, recorder, profile, actions }, recipe, signal);
    }),
  );
}

interface Looking {
  browser: OpenBrowser;
  recorder: Recorder;
  profile: Profile | null;
  actions: ActionsFound;
}

async function visit(
  parts: Pick<Parts, 'config' | 'vault' | 'tools'>,
  { browser, recorder, profile, actions: { list, fault } }: Looking,
  recipe: PageRecipe,
  signal: AbortSignal,
): Promise<PageVisit> {
  const { pageTimeoutMs, pageQuietMs, pageMaxHeightPx } = parts.config.limits;
  const made = await visitPage(
    { browser, recorder, vault: parts.vault },
    recipe,
    {
      timeoutMs: pageTimeoutMs,
      settleMs: pageQuietMs,
      maxHeightPx: pageMaxHeightPx,
      // The manifest names their versions and digests; whoever writes it says what went wrong.
      atRest: () => void parts.tools().catch(() => {}),
      ...(profile === null ? {} : { storageState: profile.state }),
      ...(list === null ? {} : { actions: list }),
    },
    signal,
  );
  if (fault !== null) made.notes.push({ code: 'steps-unreadable', message: fault });
  return made;
}

/** When every view failed for reasons that may pass, nothing is final yet. */
async function refuseIfPassing(
  { egress }: Pick<Parts, 'egress'>,
  visits: PageVisit[],
  run: StageRun,
): Promise<void> {
  const hopeless = visits.some(
    (made) => made.state !== 'failed' || !passing.has(made.reason ?? ''),
  );
  if (hopeless || visits.length === 0) return;
  if (run.lastAttempt && !(await egress.wayOut.isGone())) return;
  const reason = visits[0]?.reason ?? 'unreachable';
  throw new TransientError(reason, `no page could be visited: ${reason}`);
}

/** One good view is enough, best one that lacks nothing; a wall counts only when there is none. */
function verdictOf(visits: PageVisit[]): Pick<StepResult, 'state' | 'reason' | 'detail'> {
  const done = visits.filter((made) => made.state === 'done');
  const best =
    done.find((made) => notKeptOf(made).length === 0) ??
    done[0] ??
    visits.find((made) => made.state === 'blocked') ??
    visits[0];
  const views = visits.map(
    ({ view, state, reason, requestedUrl, finalUrl, httpStatus, notes, facts }) => ({
      view,
      state,
      reason,
      requestedUrl,
      finalUrl,
      httpStatus,
      notes,
      facts,
    }),
  );
  const notKept = best === undefined ? [] : notKeptOf(best);
  return {
    state: best?.state ?? 'skipped',
    reason: best?.reason ?? null,
    detail: { views, notKept },
  };
}

/** What the visit asked for and isn't kept, each with its reason. */
function notKeptOf({ facts }: PageVisit): unknown[] {
  return Array.isArray(facts.notKept) ? facts.notKept : [];
}

function extrasOf(visits: PageVisit[], kept: NewArtifact[]): Partial<StepResult> {
  const artifacts = [...visits.flatMap((made) => made.artifacts), ...kept];
  const pages = visits
    .filter((made) => made.finalUrl !== null)
    .map((made) => ({
      view: made.view,
      finalUrl: made.finalUrl ?? made.requestedUrl,
      httpStatus: made.httpStatus,
      title: made.title,
      body: made.text ?? '',
    }));
  const passed = visits.flatMap((made) =>
    made.passed.map(({ text, ...page }) => ({ ...page, body: text ?? '' })),
  );
  return { artifacts, pages: [...pages, ...passed] };
}
