/** Signs that a wall stands where the content should be: what the recipe names, and what bot checks look like. */

import type { Page } from 'playwright';
import { normalForm } from '../base/normal-form.ts';
import type { WallReason } from '../base/reasons.ts';
import { within } from '../base/time-limit.ts';
import type { WallMarker } from '../model/plan.ts';

export interface WallSigns {
  page: Page;
  /** The address that was asked for. */
  asked: string;
  /** Of the document that the page shows; null when none came. */
  status: number | null;
  headers: [name: string, value: string][];
  markers: WallMarker[];
  /** Visible text of the page. */
  text: string;
  signal: AbortSignal;
}

/** The reason code of the wall, or null when there is none. */
export async function findWall(signs: WallSigns): Promise<WallReason | null> {
  for (const marker of signs.markers) {
    if (await isSeen(marker, signs)) return marker.reason;
  }
  return (await statusWall(signs)) ?? ((await isLogIn(signs)) ? 'login-wall' : null);
}

/** A page that says more than this is content, whatever else stands on it: a wall has few words. */
const longestWallText = 1_500;

async function isSeen(marker: WallMarker, { page, text, signal }: WallSigns): Promise<boolean> {
  if (marker.address !== undefined && new RegExp(marker.address).test(page.url())) return true;
  const isShort = text.length <= longestWallText;
  if (marker.text !== undefined && isShort && folded(text).includes(folded(marker.text)))
    return true;
  if (marker.selector === undefined) return false;
  const share = await shareOfScreen(page, marker.selector, signal);
  return share >= (isShort ? leastShare : mostOfScreen);
}

/** Of the screen: a sign of a pixel is nothing that a visitor meets, and a lid covers most of it. */
const leastShare = 0.002;
const mostOfScreen = 0.5;
const mostElements = 10;

/** The part of the screen that the largest visible match takes, 0 to 1. */
async function shareOfScreen(page: Page, selector: string, signal: AbortSignal): Promise<number> {
  const screen = page.viewportSize();
  if (screen === null) return 0;
  const matches = page.locator(selector).filter({ visible: true });
  const measured = matches
    .all()
    .then((all) => Promise.all(all.slice(0, mostElements).map((one) => one.boundingBox())));
  const boxes = await within(3_000, signal, measured).catch(() => []);
  const shares = boxes.map((box) => {
    const width = Math.min(box?.width ?? 0, screen.width);
    const height = Math.min(box?.height ?? 0, screen.height);
    return (width * height) / (screen.width * screen.height);
  });
  return Math.max(0, ...shares);
}

/** Sent from the address that was asked for to a page with hardly more than a form for a password. */
async function isLogIn({ page, asked, text, signal }: WallSigns): Promise<boolean> {
  if (text.length > longestWallText || samePlace(page.url(), asked)) return false;
  return await isVisible(page, 'input[type="password"]', signal);
}

/** But for the scheme, `www.` and a slash at the end. */
function samePlace(one: string, other: string): boolean {
  const place = (address: string) => {
    const url = URL.parse(address);
    return url && url.host.replace(/^www\./, '') + url.pathname.replace(/\/+$/, '') + url.search;
  };
  return place(one) === place(other);
}

function folded(text: string): string {
  return normalForm(text, 'NFKC').toLowerCase().replace(/\s+/g, ' ');
}

async function isVisible(page: Page, selector: string, signal: AbortSignal): Promise<boolean> {
  const seen = page.locator(selector).filter({ visible: true }).count();
  return within(3_000, signal, seen).then(
    (count) => count > 0,
    () => false,
  );
}

/** Statuses with which sites turn visitors away. A bare 403 may be the page itself, so it needs a sign. */
async function statusWall({
  page,
  status,
  headers,
  text,
  signal,
}: WallSigns): Promise<WallReason | null> {
  const value = (name: string) => headers.find(([one]) => one.toLowerCase() === name)?.[1] ?? null;
  if (status === 429) return 'rate-limited';
  if (status === 401) return 'login-wall';
  const turnsAway = status === 403 || status === 503;
  // Bot checks also come as a 200 or 202; there they must be all that the page says.
  if (!turnsAway && text.length > longestChallengeText) return null;
  if (value('cf-mitigated') === 'challenge') return 'captcha';
  if (/^(challenge|captcha)$/i.test(value('x-amzn-waf-action') ?? '')) return 'captcha';
  if (/^protected/i.test(value('x-datadome') ?? '') && status === 403) return 'captcha';
  if (challengeWords.test(text)) return 'captcha';
  const html = await within(5_000, signal, page.content()).catch(() => '');
  const marks = turnsAway ? challengeMarks : challengeScripts;
  return marks.test(html) ? 'captcha' : null;
}

const longestChallengeText = 600;
const challengeWords =
  /just a moment\.\.\.|checking (if the site connection is secure|your browser)|verify(ing)? (that )?you are (a )?human|performing security verification|press & hold|pardon our interruption|request unsuccessful\. incapsula/i;
/** Scripts of Cloudflare, DataDome, PerimeterX, Imperva and AWS that only a challenge has. */
const challengeScripts =
  /\/cdn-cgi\/challenge-platform\/h\/[a-z]\/orchestrate|window\._cf_chl_opt|geo\.captcha-delivery\.com|px-captcha|_Incapsula_Resource\?SWJIYLWA|token\.awswaf\.com\/[^"']*\/challenge\.js/i;
/** With a status that turns away, weaker marks are enough; hCaptcha and reCAPTCHA too. */
const challengeMarks =
  /\/cdn-cgi\/challenge-platform\/|cf-chl-|captcha-delivery\.com|px-captcha|_Incapsula_Resource|hcaptcha\.com\/1\/api|recaptcha\/(api|enterprise)\.js/i;

/** A page that says by its title that there is nothing at its address, and by its status that there is. */
export function isSoftNotFound(status: number | null, title: string | null): boolean {
  return status === 200 && notFoundTitle.test((title ?? '').slice(0, longestTitle));
}

/** A title is the page's to choose; the search below takes the square of its length. */
const longestTitle = 300;
const notFoundTitle =
  /^\W*(error )?404\b|\b404\W*$|^\W*(page|seite|página|страница)?\W*(not found|nicht gefunden|no encontrada|не найдена)\b|(page|post|article|video) (not found|no longer (exists|available)|does ?n[o’']?t exist)/i;
