/** How to photograph any page, and how to tell that a wall stands in front of it. */
import type { PageRecipe, WallMarker } from '../../model/plan.ts';

/** Consent bars of the common makers, and what calls itself a cookie bar and lies over the page. */
const consentBars = [
  '#onetrust-consent-sdk',
  '#CybotCookiebotDialog',
  '#CybotCookiebotDialogBodyUnderlay',
  '#qc-cmp2-container',
  '#didomi-host',
  '[id^="sp_message_container_"]',
  '#usercentrics-root',
  '#usercentrics-cmp-ui',
  '#truste-consent-track',
  '.fc-consent-root',
  '#cmpbox',
  '#cmpbox2',
  '#iubenda-cs-banner',
  '#axeptio_overlay',
  '#cookiescript_injected',
  '#cookie-law-info-bar',
  '#BorlabsCookieBox',
  '#gdpr-consent-tool-wrapper',
  '.cc-window',
  '.cmpboxBG',
  '[role="dialog"][id*="cookie" i]',
  '[role="dialog"][class*="cookie" i]',
  '[role="dialog"][class*="consent" i]',
  '[class*="cookie-banner" i]',
  '[class*="cookie-notice" i]',
  '[class*="cookie-consent" i]',
  '[id*="cookie-banner" i]',
  '[id*="cookie-notice" i]',
  '[id*="cookie-consent" i]',
  '#credential_picker_container',
];

/** Only signs that a page without a wall hardly has: an article about captchas must not look like one. */
const walls: WallMarker[] = [
  { reason: 'captcha', selector: '#challenge-form, #challenge-running, #cf-challenge-running' },
  { reason: 'captcha', selector: 'iframe[src*="challenges.cloudflare.com"]' },
  {
    reason: 'captcha',
    selector:
      'iframe[src*="geo.captcha-delivery.com"], iframe[src*="hcaptcha.com/captcha"][src*="challenge"]',
  },
  { reason: 'captcha', selector: '#px-captcha, .px-captcha-container' },
  { reason: 'captcha', address: '^https://www\\.google\\.com/sorry/' },
  { reason: 'consent-wall', address: '^https://consent\\.(?:google|youtube|yahoo)\\.[a-z.]+/' },
  { reason: 'login-wall', address: '^https://(?:www\\.)?instagram\\.com/accounts/login' },
  { reason: 'login-wall', address: '^https://(?:[a-z-]+\\.)?facebook\\.com/login' },
  { reason: 'login-wall', address: '^https://www\\.linkedin\\.com/(?:authwall|uas/login)' },
];

export function pageRecipe(url: string): PageRecipe {
  return {
    view: 'page',
    url,
    focalSelector: null,
    overlays: consentBars,
    wallMarkers: walls,
    collectMedia: true,
  };
}
