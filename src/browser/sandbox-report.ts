/** Whether Chromium's sandbox really works on this machine, in the browser's own words. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../base/log.ts';
import type { Config } from '../config/config.ts';
import { openEgress } from '../egress/egress.ts';
import { launchBrowser, type OpenBrowser } from './browser.ts';

export interface SandboxReport {
  sandboxed: boolean;
  words: string;
}

const limitMs = 60_000;

/** Starts a browser as captures do, and reads chrome://sandbox in it. @throws UnreachableError */
export async function sandboxReport(config: Config): Promise<SandboxReport> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-sandbox-'));
  try {
    await using egress = await openEgress(config.egress, openLog('silent'));
    await using door = await egress.openDoor();
    const signal = AbortSignal.timeout(limitMs);
    await using browser = await launchBrowser({
      tools: config.tools,
      door,
      extraCaFile: null,
      folder,
      signal,
    });
    return await sandboxOf(browser);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function sandboxOf(browser: OpenBrowser): Promise<SandboxReport> {
  const context = await browser.newContext({ widthPx: 800, heightPx: 600 });
  const page = await context.newPage();
  await page.goto('chrome://sandbox');
  const verdict = ((await page.locator('#evaluation').textContent()) ?? '')
    .trim()
    .replace(/\.$/, '');
  await context.close();
  const user = browser.facts.runAs === null ? '' : `, as user ${browser.facts.runAs}`;
  return {
    sandboxed: verdict.includes('are adequately sandboxed'),
    words: `Chromium says: ${verdict}${user}`,
  };
}
