/** A page after what a visitor was asked to do there: how that went, and a second set of pictures and text. */
import type { ActionList, ActionOutcome } from '../../model/actions.ts';
import { actionsLimitMs } from '../../model/actions.ts';
import type { FrameWorlds } from '../frame-worlds.ts';
import { PageLook } from '../page-look.ts';
import type { VisitInHand } from '../page-visit.ts';
import { findMedia } from '../shown-media/find-media.ts';
import { untilQuiet } from '../traffic.ts';
import { verdictOf } from '../verdict.ts';
import { missingLines } from '../visible-text.ts';
import type { VisitArtifacts } from '../visit-artifacts.ts';
import { performActions, untouched } from './perform.ts';

/** For loading and scrolling once more. */
const secondLookMs = 30_000;

/** What was seen before stays as it is; nothing that goes wrong here fails the visit. */
export async function actAndLookAgain(
  inHand: VisitInHand,
  worlds: FrameWorlds,
  { from, actions }: ActionList,
): Promise<void> {
  const { page, record, visit, options, signal } = inHand;
  const addressBefore = page.url();
  const told = notBegun({ from, actions });
  visit.facts.actions = told;
  const { outcomes } = told;
  const untilMs = performance.now() + actionsLimitMs;
  const parts = { page, worlds, traffic: record, signal };
  await performActions(parts, actions, untilMs, (index, outcome) => {
    outcomes[index] = outcome;
  });
  noteFailures(inHand, outcomes);
  if (page.isClosed()) return;
  const address = page.url();
  told.addressAfter = address;
  if (withoutFragment(address) !== withoutFragment(addressBefore))
    inHand.events.note(
      'led-elsewhere',
      `the actions led to another address: ${address.slice(0, 300)}`,
    );
  const quietUntilMs = performance.now() + secondLookMs / 3;
  await untilQuiet(record, options.settleMs, quietUntilMs, signal);
  await lookAgain(inHand, worlds);
}

/** What the manifest says of the actions. */
interface ActionsTold {
  from: string;
  outcomes: ActionOutcome[];
  addressAfter: string | null;
}

/** As it stays where there is never a page to act on. */
export function notBegun({ from, actions }: ActionList): ActionsTold {
  const outcomes = actions.map((action) => untouched(action, 'no-page'));
  return { from, outcomes, addressAfter: null };
}

async function lookAgain(inHand: VisitInHand, worlds: FrameWorlds): Promise<void> {
  const { page, record, events, options, visit, signal } = inHand;
  const artifacts = inHand.artifacts.again('with-actions', { actions: 'after' });
  const { settleMs, maxHeightPx } = options;
  const cutAtMs = performance.now() + secondLookMs;
  const look = new PageLook({
    page,
    worlds,
    traffic: record,
    artifacts,
    note: (code, message) => events.note(code, `after the actions: ${message}`),
    options: { cutAtMs, settleMs, maxHeightPx, signal },
  });
  for (const shot of await look.shootWindow(null)) await artifacts.addShot(shot);
  await look.settle();
  await look.openWide();
  const text = await look.read();
  if (text !== null) await addText(inHand, artifacts, text);
  const shots = await look.shootWhole(() => findMedia(inHand, { isShown: true }));
  for (const shot of shots) await artifacts.addShot(shot);
  if (visit.state !== 'done') await judgeAgain(inHand, text ?? '');
}

/** The text of the visit has what was there before, then what the actions brought. */
async function addText(
  { visit }: VisitInHand,
  artifacts: VisitArtifacts,
  text: string,
): Promise<void> {
  await artifacts.add('text', 'text.txt', 'text/plain', text, { charset: 'utf-8' });
  const before = visit.text ?? '';
  const lines = text.split('\n').map((line) => line.trim());
  const more = missingLines([...new Set(lines.filter(Boolean))], before);
  if (more.length > 0) visit.text = `${before}\n\n[seen after actions]\n${more.join('\n')}`;
}

/** A wall that was clicked away is none any more. */
async function judgeAgain(inHand: VisitInHand, text: string): Promise<void> {
  const { page, recipe, record, deps, visit, signal } = inHand;
  const { focalSelector } = recipe;
  const isThere = focalSelector === null || (await isVisible(inHand, focalSelector));
  const verdict = await verdictOf({
    page,
    recipe,
    shown: record.shown,
    hasFocal: isThere,
    text,
    connections: deps.browser.door.connections(),
    signal,
  });
  signal.throwIfAborted();
  if (verdict.state === 'done') Object.assign(visit, verdict);
}

function isVisible({ page }: VisitInHand, selector: string): Promise<boolean> {
  const element = page.locator(selector).first();
  return element.waitFor({ state: 'visible', timeout: 2_000 }).then(
    () => true,
    () => false,
  );
}

function noteFailures({ events }: VisitInHand, outcomes: ActionOutcome[]): void {
  for (const [index, { do: name, target, state, reason }] of outcomes.entries()) {
    if (state === 'done') continue;
    const what = target === null ? name : `${name} ${target.slice(0, 120)}`;
    events.note('action-failed', `action ${index + 1} (${what}) ${state}: ${reason}`);
  }
}

function withoutFragment(url: string): string {
  return url.replace(/#.*$/s, '');
}
