/** How to photograph a post, and how to tell that a wall stands in its place. */
import type { PageRecipe, WallMarker } from '../../model/plan.ts';

const walls: WallMarker[] = [
  {
    reason: 'login-wall',
    address: '^https://(?:[a-z]+\\.)?(?:x|twitter)\\.com/(?:i/flow/login|login)(?:[/?#]|$)',
  },
  { reason: 'login-wall', address: '^https://(?:[a-z]+\\.)?(?:x|twitter)\\.com/account/access' },
  {
    reason: 'captcha',
    selector: 'iframe[src*="arkoselabs.com"], iframe[src*="challenges.cloudflare.com"]',
  },
  {
    reason: 'age-gate',
    text: 'This content might not be appropriate for people under 18 years old',
  },
  { reason: 'age-gate', text: 'Age-restricted adult content' },
];

/** Sign-up bar, cookie bar, side column and head of x.com: hidden only in the extra shot. */
const covers = [
  '#layers',
  '[data-testid="BottomBar"]',
  '[data-testid="sidebarColumn"]',
  '[data-testid="google_sign_in_container"]',
  'header[role="banner"]',
];

/**
 * X's own rendering for other sites, which has no log-in wall, and the post's page on x.com.
 * Where X has said that there is no post to see, its notice is what the pictures are of.
 */
export function postPages(id: string, handle: string | null, isNotice: boolean): PageRecipe[] {
  const pages = [embedPage(id), sitePage(id, handle)];
  return isNotice ? pages.map((page) => ({ ...page, focalSelector: null })) : pages;
}

function embedPage(id: string): PageRecipe {
  const url = new URL('https://platform.twitter.com/embed/Tweet.html');
  url.search = new URLSearchParams({
    id,
    theme: 'light',
    dnt: 'true',
    lang: 'en',
    hideThread: 'true',
  }).toString();
  return {
    view: 'embed',
    url: url.href,
    focalSelector: `article:has(${linksTo(id)})`,
    overlays: [],
    wallMarkers: walls,
    collectMedia: false,
  };
}

function sitePage(id: string, handle: string | null): PageRecipe {
  const owner = handle !== null && /^\w{1,20}$/.test(handle) ? handle : 'i';
  return {
    view: 'site',
    url: `https://x.com/${owner}/status/${id}`,
    // A page may show other posts too; the focal one links its time to itself.
    focalSelector: `article[data-testid="tweet"]:has(${linksTo(id, ' time')})`,
    overlays: covers,
    wallMarkers: walls,
    collectMedia: false,
  };
}

/** Links to exactly this id: `/status/20` must not match `/status/2012`. */
function linksTo(id: string, inside = ''): string {
  return [`[href$="/status/${id}"]`, `[href*="/status/${id}?"]`, `[href*="/status/${id}/"]`]
    .map((address) => `a${address}${inside}`)
    .join(', ');
}

/** A page of X that is no post: a profile, an event, a broadcast. */
export function otherPage(url: string): PageRecipe {
  return {
    view: 'page',
    url,
    focalSelector: null,
    overlays: covers,
    wallMarkers: walls,
    collectMedia: true,
  };
}
