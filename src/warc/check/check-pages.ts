/** Whether the index leads to each listed page at the time that the list tells, and the package to one of them. */
import type { ListedPage, MainPage } from './check-package.ts';
import type { Findings } from './findings.ts';

/** A page is listed at the moment when its visit began; its first record can be a little later. */
const toleranceMs = 60_000;

/** For `checkIndex` to fill. */
export function timesOf(pages: ListedPage[]): Map<string, number[]> {
  return new Map(pages.map(({ url }) => [url, []]));
}

/** Replayers show the listed time and, beside it, whichever record is the nearest to it. */
export function checkPageTimes(
  pages: ListedPage[],
  times: ReadonlyMap<string, number[]>,
  findings: Findings,
): void {
  for (const found of times.values()) found.sort((a, b) => a - b);
  for (const { subject, url, ts } of pages) {
    const found = times.get(url) ?? [];
    if (found.length === 0) {
      findings.note('pages', url, 'a page that the index does not lead to');
    } else if (distance(found, Date.parse(ts)) > toleranceMs) {
      findings.note('pages', subject, `no record of ${url} was made within a minute of ${ts}`);
    }
  }
}

/** Replayers open the main page first, under the date that the package gives it. */
export function checkMainPage(
  main: MainPage | null,
  pages: ListedPage[],
  findings: Findings,
): void {
  if (main === null) return;
  const listed = pages.filter(({ url }) => url === main.url);
  const moment = Date.parse(main.date ?? '');
  if (listed.length === 0) {
    findings.note('pages', main.url, 'the main page is not among the pages');
  } else if (main.date !== null && !listed.some(({ ts }) => Date.parse(ts) === moment)) {
    findings.note('pages', main.url, `no page of it is listed at mainPageDate, ${main.date}`);
  }
}

/** To the nearest of sorted moments, found by halves: a list can name one page a million times. */
function distance(sorted: number[], moment: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] ?? 0) < moment) from = middle + 1;
    else to = middle;
  }
  const near = [sorted[from - 1], sorted[from]].filter((one) => one !== undefined);
  return Math.min(...near.map((one) => Math.abs(one - moment)));
}
