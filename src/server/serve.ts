/** Serves the pages to one person at this machine, until it is closed. */
import { randomBytes } from 'node:crypto';
import { closeInReverse } from '../base/close-all.ts';
import { actions } from './actions.ts';
import { openAssets } from './assets.ts';
import { Exports } from './exports.ts';
import { KeptAddresses } from './kept-address.ts';
import { keptApp } from './kept-app.ts';
import { listen, listenOnBoth } from './listen.ts';
import type { Archive } from './page.ts';
import { replayOpening } from './pages/capture/replay.ts';
import { webArchiveDownload } from './pages/capture/web-archive.ts';
import { exportDownload } from './pages/exports.ts';
import { pages } from './pages/pages.ts';
import { pagesApp } from './pages-app.ts';
import { Replays } from './replay/replays.ts';
import { Sessions } from './session.ts';
import { SmallPictures } from './small-pictures.ts';
import type { Origins } from './view-of.ts';

export interface Served extends AsyncDisposable {
  /** Where the pages are, for whoever has a session. */
  address: string;
  /** A link that opens the pages in one browser, once, within ten minutes. */
  newLink(): string;
}

/**
 * @param port 0: any that is free
 * @throws UnreachableError `port-taken`
 */
export async function servePages(
  given: Omit<Archive, 'exports' | 'replays'>,
  port: number,
): Promise<Served> {
  const opened: AsyncDisposable[] = [];
  const close = () => closeInReverse(opened);
  try {
    const { parts } = given;
    const exports = await Exports.open(parts);
    opened.push(exports);
    // Another one each time: whoever later takes the port could learn it from a tab left open.
    const [base, assets] = [randomBytes(12).toString('base64url'), await openAssets()];
    const origins: Origins = { pages: '', kept: '' };
    const common = { origins, kept: new KeptAddresses(), sessions: new Sessions() };
    const pictures = new SmallPictures(parts.vault);
    opened.push(pictures);
    const replays = new Replays(parts, common.sessions, origins);
    opened.push(replays);
    const archive = { ...given, exports, replays };
    const keeping = keptApp({ ...common, parts, pictures, replays });
    const keptListener = await listenOnBoth(keeping.fetch);
    opened.push(keptListener);
    const showing = pagesApp({
      ...common,
      archive,
      assets,
      base,
      pages,
      actions,
      downloads: [exportDownload, webArchiveDownload, replayOpening],
    });
    const pagesListener = await listen(showing.fetch, port);
    opened.push(pagesListener);
    origins.kept = keptListener.origin;
    origins.pages = pagesListener.origin;
    const address = `${origins.pages}/${base}/`;
    return {
      address,
      newLink: () => `${address}open/${common.sessions.newLink()}`,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
