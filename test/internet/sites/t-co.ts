/** t.co: a redirect for programs, a page that redirects for browsers. */
import { type Answer, html, redirect, type SiteRequest } from '../answer.ts';
import { escapeMarkup } from '../content.ts';
import type { World } from '../world.ts';

export function tCo(request: SiteRequest, world: World): Answer {
  const target = world.codes.get(request.url.pathname.slice(1));
  if (target === undefined)
    return html('<!doctype html><title>t.co</title><p>No such link.</p>', 404);
  const browser = /^Mozilla\/5\.0 .*(?:Chrome|Firefox|Safari)/.test(
    request.headers['user-agent'] ?? '',
  );
  const answer = browser ? refreshing(target) : redirect(target);
  answer.headers = { ...answer.headers, 'cache-control': 'private,max-age=300' };
  return answer;
}

function refreshing(target: string): Answer {
  const href = escapeMarkup(target);
  return html(
    `<head><noscript><META http-equiv="refresh" content="0;URL=${href}"></noscript><title>${href}</title></head><script>window.opener = null; location.replace(${JSON.stringify(target)})</script>`,
  );
}
