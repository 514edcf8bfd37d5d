/** What a browser may do with an answer: the headers of our own pages, and those of captured content. */
import { createHash } from 'node:crypto';

export type Headers = Record<string, string>;

const always: Headers = {
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy':
    'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), clipboard-read=()',
};

/**
 * Our own pages: only our script runs, and it may make no HTML out of text. Pictures, media and
 * frames come from the origin of captured content alone.
 */
export function pageHeaders(nonce: string, keptOrigin: string): Headers {
  return {
    ...always,
    'content-security-policy': [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      "style-src 'self'",
      `img-src ${keptOrigin}`,
      `media-src ${keptOrigin}`,
      `frame-src ${keptOrigin}`,
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; '),
    // Others are told nothing; without any, browsers say `Origin: null` of our own forms.
    'referrer-policy': 'same-origin',
    'x-frame-options': 'DENY',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

/** Captured content: no script, no form, no window, no network, an origin that is nobody's. */
export function keptHeaders(pagesOrigin: string): Headers {
  return {
    ...always,
    'content-security-policy': [
      'sandbox',
      "default-src 'none'",
      'img-src data:',
      'font-src data:',
      "style-src 'unsafe-inline'",
      "media-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      `frame-ancestors ${pagesOrigin}`,
    ].join('; '),
    'referrer-policy': 'no-referrer',
    // Chromium takes two ports of an address for two sites; whoever has no address can't ask anyway.
    'cross-origin-resource-policy': 'cross-origin',
    'cache-control': 'no-store',
  };
}

/** Names a file of ours by what is in it, so that it can be cached for good. */
export function contentName(bytes: string): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 16);
}
