/** A door, a private folder and a browser behind that door, opened and closed together. */
import { launchBrowser, type OpenBrowser } from '../browser/browser.ts';
import type { Parts } from './parts.ts';

/** Closing the browser closes all three, in reverse. @throws as `launchBrowser` and `openDoor` */
export async function browserBehindDoor(
  { config, egress, vault }: Pick<Parts, 'config' | 'egress' | 'vault'>,
  signal: AbortSignal,
  // What only draws stored files needs no authority, and starts sooner without.
  { offline = false } = {},
): Promise<OpenBrowser> {
  await using opened = new AsyncDisposableStack();
  const door = opened.use(await egress.openDoor());
  const { folder } = opened.use(await vault.scratch('browser'));
  const extraCaFile = offline ? null : (egress.extraCa?.file ?? null);
  const { tools } = config;
  const browser = opened.use(await launchBrowser({ tools, door, extraCaFile, folder, signal }));
  const all = opened.move();
  return { ...browser, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
