/** One way in which a page can show what a careless record would not hold. */
import type { Stage } from './lying-site.ts';

export interface Lie {
  name: string;
  /** Somebody has told of it before; the others were thought up. */
  isKnown?: boolean;
  /** Needs the window, or a browser of its own: it navigates, opens windows, or is slow. */
  isAlone?: boolean;
  /** Over HTTP/2 and TLS. */
  isSecure?: boolean;
  /** For a page that is slower than that. */
  documentTimeoutMs?: number;
  /** A recorder holds all of it: nothing is missing then. Otherwise it may say what is. */
  isHeld: boolean;
  /** Chromium has to be asked in ways in which it may not answer: nothing need be shown. */
  mayShowNothing?: boolean;
  /** Lays out its page at `/` of its folder, and whatever that needs. */
  lay(stage: Stage): void;
}

/** A page whose script can `show` a text; what it shows, a judge reads. */
export function page(script: string, body = ''): string {
  return `<!doctype html><meta charset=utf-8><body>${body}<script>
    const show = (text) => { const p = document.createElement('p'); p.textContent = String(text).slice(0, 40); document.body.append(p) };
    const text = async (url, how) => (await fetch(url, how)).text();
    const pause = (ms) => new Promise((go) => setTimeout(go, ms));
    (async () => { ${script} })().catch((error) => show('failed: ' + error));
  </script>`;
}

export const script = (body: string) => ({
  headers: { 'content-type': 'text/javascript' },
  body,
});

export const plain = { 'content-type': 'text/plain' };
export const lasting = { ...plain, 'cache-control': 'max-age=600' };
