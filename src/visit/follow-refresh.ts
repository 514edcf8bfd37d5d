/** Following where a page leads on by itself, after keeping what it was. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright';
import { within } from '../base/time-limit.ts';
import type { MainDocument, PageRecord } from '../recorder/page-record.ts';
import { FrameWorlds } from './frame-worlds.ts';
import { readText } from './read-frames.ts';
import { type Refresh, refreshOf } from './refresh.ts';
import { takePicture } from './screenshots.ts';
import type { VisitArtifacts } from './visit-artifacts.ts';

/** A page that led on to the next: kept as far as it was to be seen. */
export interface PassedPage {
  /** `page/before-1` */
  view: string;
  finalUrl: string;
  httpStatus: number | null;
  title: string | null;
  text: string | null;
}

export interface Passage {
  page: Page;
  record: PageRecord;
  artifacts: VisitArtifacts;
  view: string;
  /** Time of `performance.now()`. */
  cutAtMs: number;
  /** Keeps what the server sent for this document, under the folder. */
  keepReceived(document: MainDocument, folder: string): Promise<void>;
  signal: AbortSignal;
}

export interface Followed extends Refresh {
  from: string;
  status: number | null;
}

const mostRefreshes = 5;
const mostDocuments = 20;
/** Between the announced moment and the next document. */
const patienceMs = 5_000;
/** What leads on sooner is gone before anybody could read it. */
const readableMs = 500;
const lookEveryMs = 50;
const shownPatienceMs = 1_000;

/** @returns every page that led on, in order, and where each led */
export async function followRefreshes(
  passage: Passage,
): Promise<{ passed: PassedPage[]; followed: Followed[] }> {
  const passed: PassedPage[] = [];
  const followed: Followed[] = [];
  for (let place = 0; place < mostDocuments && passed.length < mostRefreshes; place += 1) {
    const shown = await shownAt(passage, place);
    if (shown === null) break;
    const refresh = await refreshOf(shown);
    // Where it led on in another way, a script's, the next one is looked at.
    if (refresh === null) continue;
    const before = await keepPassing(passage, shown, refresh, passed.length + 1);
    if (!(await untilNext(passage, place, refresh))) break;
    passed.push(before);
    followed.push({ ...refresh, from: shown.url, status: shown.status });
  }
  return { passed, followed };
}

/** The first is told of a moment after the browser has shown it; the others are there or not. */
async function shownAt({ record, signal }: Passage, place: number): Promise<MainDocument | null> {
  const untilMs = performance.now() + shownPatienceMs;
  while (place === 0 && record.shown === null && performance.now() < untilMs)
    await sleep(lookEveryMs, undefined, { signal });
  return record.history[place] ?? null;
}

/** What the server sent, always; text and picture where there is time to see them. */
async function keepPassing(
  passage: Passage,
  shown: MainDocument,
  { afterMs }: Refresh,
  number: number,
): Promise<PassedPage> {
  const { page, artifacts, view, keepReceived, signal } = passage;
  const folder = `before-${number}`;
  const kept: PassedPage = {
    view: `${view}/${folder}`,
    finalUrl: shown.url,
    httpStatus: shown.status,
    title: null,
    text: null,
  };
  await keepReceived(shown, folder);
  if (afterMs < readableMs) return kept;
  await within(afterMs, signal, page.waitForLoadState('load', { timeout: afterMs })).catch(
    () => {},
  );
  const worlds = await FrameWorlds.open(page);
  const png = await within(afterMs, signal, takePicture(worlds.session, signal)).catch(() => null);
  const text = await within(afterMs, signal, readText(worlds, signal)).catch(() => null);
  const title = await within(afterMs, signal, page.title()).catch(() => null);
  // Taken too late, they are of the next page.
  if (passage.record.shown?.url !== shown.url) return kept;
  const facts = { url: shown.url, css: 'none injected' };
  if (png !== null)
    await artifacts.add(
      'screenshot.viewport',
      `${folder}/screenshot.viewport.png`,
      'image/png',
      png,
      facts,
    );
  if (text !== null)
    await artifacts.add('text', `${folder}/text.txt`, 'text/plain', text, { charset: 'utf-8' });
  return { ...kept, title, text };
}

/** False: it did not lead on after all. */
async function untilNext(
  { record, cutAtMs, signal }: Passage,
  place: number,
  { afterMs }: Refresh,
): Promise<boolean> {
  const untilMs = Math.min(cutAtMs, performance.now() + afterMs + patienceMs);
  while (record.history.length <= place + 1) {
    if (performance.now() >= untilMs) return false;
    await sleep(lookEveryMs, undefined, { signal });
  }
  return true;
}
