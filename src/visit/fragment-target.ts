/** Whether the fragment of the visited address is the name of an element in the page. */
import type { Page } from 'playwright';
import { within } from '../base/time-limit.ts';

/** False where the address has no fragment, and where the page didn't let itself be looked at. */
export async function namesElement(page: Page, url: string, signal: AbortSignal): Promise<boolean> {
  const hash = URL.parse(url)?.hash ?? '';
  if (hash.length < 2) return false;
  const names = JSON.stringify(spellings(hash.slice(1)));
  const looked = page.evaluate<unknown>(`${names}.some(${isThere})`);
  return (await within(3_000, signal, looked).catch(() => false)) === true;
}

/** As browsers look for it: as it stands, then decoded. */
function spellings(name: string): string[] {
  try {
    return [name, decodeURIComponent(name)];
  } catch {
    return [name];
  }
}

/** Runs in the page. `top` is the beginning of every page. */
const isThere = `(name) => name.toLowerCase() === 'top' || document.getElementById(name) !== null || document.getElementsByName(name).length > 0`;
