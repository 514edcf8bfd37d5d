/** Visits the pages of a capture in one browser of its own and keeps what they showed. */
import type { NewArtifact } from '../artifact.ts';
import { TransientError } from '../errors.ts';
import { launchBrowser, type OpenBrowser } from '../page/browser.ts';
import { capturePage, type PageVisit } from '../page/capture-page.ts';
import type { PageRecipe } from '../plan.ts';
import type { Parts, StageRun } from './parts.ts';
import { keepJson, plannedStep, planOf } from './plan-file.ts';
import { runStep, type StepResult } from './run-step.ts';

/** Media that the page room saw, for the media stage of the same capture. */
export const foundMediaFile = 'media-found.json';

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
    // Side by side: most of a visit is waiting for the page to become quiet.
    const visits = await withBrowser(parts, run.signal, (browser) =>
      Promise.all(plan.pages.map((recipe) => visit(parts, browser, recipe, run.signal))),
    );
    refuseIfPassing(visits, run);
    return { ...verdictOf(visits), ...(await extrasOf(parts, visits)) };
  });
}

/** Opens a door and a browser behind it, and closes both in reverse whatever happens. */
export async function withBrowser<Result>(
  parts: Parts,
  signal: AbortSignal,
  use: (browser: OpenBrowser) => Promise<Result>,
  // What only draws stored files needs no authority, and starts sooner without.
  { offline = false } = {},
): Promise<Result> {
  await using door = await parts.egress.openDoor();
  await using scratch = await parts.vault.scratch('browser');
  await using browser = await launchBrowser({
    tools: parts.config.tools,
    door,
    extraCaFile: offline ? null : (parts.egress.extraCa?.file ?? null),
    folder: scratch.folder,
    signal,
  });
  return await use(browser);
}

async function visit(
  parts: Parts,
  browser: OpenBrowser,
  recipe: PageRecipe,
  signal: AbortSignal,
): Promise<PageVisit> {
  const { pageTimeoutMs, pageMaxHeightPx } = parts.config.limits;
  return capturePage(
    { browser, vault: parts.vault },
    recipe,
    { timeoutMs: pageTimeoutMs, maxHeightPx: pageMaxHeightPx },
    signal,
  );
}

/** When every view failed for reasons that may pass, nothing is final yet. */
function refuseIfPassing(visits: PageVisit[], run: StageRun): void {
  const hopeless = visits.some(
    (made) => made.state !== 'failed' || !passing.has(made.reason ?? ''),
  );
  if (hopeless || run.lastAttempt || visits.length === 0) return;
  const reason = visits[0]?.reason ?? 'unreachable';
  throw new TransientError(reason, `no page could be visited: ${reason}`);
}

/** One good view is enough; a wall counts only when there is none. */
function verdictOf(visits: PageVisit[]): Pick<StepResult, 'state' | 'reason' | 'detail'> {
  const best =
    visits.find((made) => made.state === 'done') ??
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
  return { state: best?.state ?? 'skipped', reason: best?.reason ?? null, detail: { views } };
}

async function extrasOf(parts: Parts, visits: PageVisit[]): Promise<Partial<StepResult>> {
  const artifacts: NewArtifact[] = visits.flatMap((made) => made.artifacts);
  const media = visits.flatMap((made) => made.media);
  if (media.length > 0) artifacts.push(await keepJson(parts, 'media.found', foundMediaFile, media));
  const pages = visits
    .filter((made) => made.finalUrl !== null)
    .map((made) => ({
      view: made.view,
      finalUrl: made.finalUrl ?? made.requestedUrl,
      httpStatus: made.httpStatus,
      title: made.title,
      body: made.text ?? '',
    }));
  return { artifacts, pages };
}
