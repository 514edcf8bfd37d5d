/** Every page of the interface, and what a program sees amiss in one: rules of accessibility, width, direction. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright';
import { chromiumPath } from '../../src/browser/browser.ts';
import { readConfig } from '../../src/config/config.ts';
import { pages } from '../../src/server/pages/pages.ts';
import type { Seeded, ServedArchive } from './pages.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const narrow = { width: 390, height: 844 };
export const wide = { width: 1280, height: 900 };

export interface Look {
  colorScheme: 'light' | 'dark';
  viewport: typeof wide;
  locale: 'en' | 'ar';
}

export const everyLook: Look[] = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [narrow, wide].flatMap((viewport) =>
    (['en', 'ar'] as const).map((locale) => ({ colorScheme, viewport, locale })),
  ),
);

export async function plainBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await chromiumPath(readConfig().tools),
    chromiumSandbox: process.getuid?.() !== 0,
  });
}

/** Every page with something to show. */
export function everyPath(seeded: Seeded): string[] {
  return pages.map(({ path }) => {
    if (path === '/source') return `/source?key=${seeded.source}`;
    if (path === '/compare') return `/compare?a=${seeded.before}&b=${seeded.after}`;
    if (path === '/leave') return '/leave?to=https://example.org/';
    return path.replace(':id', seeded.after);
  });
}

/** A page in a context of its own. What goes wrong in it is told at the end. */
export async function pageIn(browser: Browser, options: BrowserContextOptions) {
  const context = await browser.newContext({ viewport: wide, ...options });
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text());
  });
  page.on('dialog', (dialog) => wrong.push(`dialog: ${dialog.message()}`));
  return { page, wrong };
}

/** Looks at these pages with a session of its own. @returns what is amiss, with the page it is on */
export async function judgePages(
  browser: Browser,
  { served }: ServedArchive,
  look: Look,
  paths: string[],
): Promise<string[]> {
  const { page, wrong } = await pageIn(browser, look);
  await page.goto(served.newLink());
  const found: string[] = [];
  for (const path of paths) {
    await page.goto(`${served.address.slice(0, -1)}${path}`);
    found.push(...(await judge(page, look)).map((fault) => `${path}: ${fault}`));
  }
  await page.context().close();
  // A query that can't be read is answered with what was typed, and with 400.
  return [...found, ...wrong.filter((one) => !one.includes('status of 400'))];
}

/** One page as it stands. */
export async function judge(page: Page, { locale }: Pick<Look, 'locale'>): Promise<string[]> {
  const overPx = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
  const direction = await page.getAttribute('html', 'dir');
  return [
    ...(overPx > 0 ? [`${overPx} px too wide`] : []),
    ...(direction === (locale === 'ar' ? 'rtl' : 'ltr') ? [] : [`direction ${direction}`]),
    ...(await violations(page)),
  ];
}

/** What the eye of a program sees amiss, by WCAG 2.2 AA. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
      };
    };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    // It would fetch style sheets once more, which a page on a disk forbids.
    const found = await axe.run({ runOnly: tags, preload: false });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
  });
}
