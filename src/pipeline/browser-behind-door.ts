/** A door, a private folder and a browser behind that door, opened and closed together. */
import { closeInReverse } from '../base/close-all.ts';
import { launchBrowser, type OpenBrowser } from '../browser/browser.ts';
import type { Parts } from './parts.ts';

/** Closing the browser closes all three, in reverse. @throws as `launchBrowser` and `openDoor` */
export async function browserBehindDoor(
  { config, egress, vault }: Pick<Parts, 'config' | 'egress' | 'vault'>,
  signal: AbortSignal,
  // What only draws stored files needs no authority, and starts sooner without.
  { offline = false } = {},
): Promise<OpenBrowser> {
  const opened: AsyncDisposable[] = [];
  const close = () => closeInReverse(opened);
  try {
    const door = await egress.openDoor();
    opened.push(door);
    const scratch = await vault.scratch('browser');
    opened.push(scratch);
    const extraCaFile = offline ? null : (egress.extraCa?.file ?? null);
    const { tools } = config;
    const { folder } = scratch;
    const browser = await launchBrowser({ tools, door, extraCaFile, folder, signal });
    opened.push(browser);
    return { ...browser, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
