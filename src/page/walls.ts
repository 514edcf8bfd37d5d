/** Signs that a wall stands where the content should be: what the recipe names, and what bot checks look like. */
import type { Page, Response } from 'playwright';
import type { WallMarker } from '../plan.ts';
import { within } from '../time-limit.ts';

export interface WallSigns {
  page: Page;
  response: Response | null;
  markers: WallMarker[];
  /** Visible text of the page. */
  text: string;
  signal: AbortSignal;
}

/** The reason code of the wall, or null when there is none. */
export async function findWall(signs: WallSigns): Promise<string | null> {
  for (const marker of signs.markers) {
    if (await isSeen(marker, signs)) return marker.reason;
  }
  return statusWall(signs);
}

async function isSeen(marker: WallMarker, { page, text, signal }: WallSigns): Promise<boolean> {
  if (marker.address !== undefined && new RegExp(marker.address).test(page.url())) return true;
  if (marker.text !== undefined && folded(text).includes(folded(marker.text))) return true;
  return marker.selector !== undefined && (await isVisible(page, marker.selector, signal));
}

function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ');
}

async function isVisible(page: Page, selector: string, signal: AbortSignal): Promise<boolean> {
  const seen = page.locator(selector).filter({ visible: true }).count();
  return within(3_000, signal, seen).then(
    (count) => count > 0,
    () => false,
  );
}

/** Statuses with which sites turn visitors away. A bare 403 may be the page itself, so it needs a sign. */
async function statusWall({ page, response, text, signal }: WallSigns): Promise<string | null> {
  const status = response?.status() ?? 0;
  const headers = response?.headers() ?? {};
  if (headers['cf-mitigated'] === 'challenge' || 'x-amzn-waf-action' in headers) return 'captcha';
  if (status === 429) return 'rate-limited';
  if (status === 401) return 'login-wall';
  if (status !== 403 && status !== 503) return null;
  if (challengeWords.test(text)) return 'captcha';
  const html = await within(5_000, signal, page.content()).catch(() => '');
  return challengeMarks.test(html) ? 'captcha' : null;
}

const challengeWords =
  /just a moment\.\.\.|checking (if the site connection is secure|your browser)|verify(ing)? (that )?you are (a )?human|performing security verification|press & hold/i;
/** Scripts of Cloudflare, DataDome, PerimeterX, Imperva, hCaptcha and reCAPTCHA. */
const challengeMarks =
  /\/cdn-cgi\/challenge-platform\/|cf-chl-|captcha-delivery\.com|px-captcha|_Incapsula_Resource|hcaptcha\.com\/1\/api|recaptcha\/(api|enterprise)\.js/i;
