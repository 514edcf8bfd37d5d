/** platform.twitter.com: the page inside an embedding frame. Drawn by its script from syndication. */
import { readFileSync } from 'node:fs';
import { type Answer, html, type SiteRequest } from '../answer.ts';
import type { World } from '../world.ts';

const script = readFileSync(new URL('embed-client.js', import.meta.url));

const style = `
body { margin: 0; font: 16px/1.4 'DejaVu Sans', sans-serif; color: #0f1419; background: #fff }
article { box-sizing: border-box; max-width: 550px; border: 1px solid #cfd9de; border-radius: 12px; padding: 12px 16px }
[data-testid='User-Name'] { display: flex; gap: 8px; align-items: center; margin-bottom: 8px }
[data-testid='User-Name'] img { width: 48px; height: 48px; border-radius: 24px }
[data-testid='tweetText'] { white-space: pre-wrap; overflow-wrap: anywhere }
[data-testid='tweetPhoto'] img, [data-testid='videoPlayer'] img { display: block; width: 100%; border-radius: 12px; margin-top: 8px }
[data-testid='videoPlayer'] { position: relative }
[data-testid='videoPlayer'] button { position: absolute; left: 50%; top: 50%; width: 64px; height: 64px; margin: -32px; border-radius: 32px; border: 0; background: #1d9bf0; color: #fff; font-size: 24px }
a { color: #1d9bf0; text-decoration: none }
time { color: #536471 }`;

export function embed(request: SiteRequest, world: World): Answer {
  const { pathname, searchParams } = request.url;
  if (pathname === '/embed/tweet.js' || pathname === '/widgets.js') {
    const headers = { 'content-type': 'application/javascript; charset=utf-8' };
    return {
      status: 200,
      headers,
      body: pathname === '/widgets.js' ? widgets : script,
      gzip: true,
    };
  }
  if (pathname === '/embed/tweet.css') {
    return { status: 200, headers: { 'content-type': 'text/css' }, body: style, gzip: true };
  }
  if (pathname !== '/embed/Tweet.html') return html('<!doctype html><title>Not found</title>', 404);
  const id = searchParams.get('id') ?? '';
  return (
    world.recorded(id, 'embed') ??
    html(
      '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Post</title><link rel="stylesheet" href="/embed/tweet.css"></head><body><div id="app"></div><script src="/embed/tweet.js"></script></body></html>',
    )
  );
}

/** What news pages load to turn each blockquote into a frame when it nears the viewport. */
const widgets = `
for (const [index, quote] of document.querySelectorAll('blockquote.twitter-tweet').entries()) {
  new IntersectionObserver((seen, observer) => {
    if (!seen.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    const links = quote.querySelectorAll('a[href*="/status/"]');
    const id = /status\\/(\\d+)/.exec(links[links.length - 1].href)[1];
    const frame = document.createElement('iframe');
    frame.id = 'twitter-widget-' + index;
    frame.dataset.tweetId = id;
    frame.title = 'X Post';
    frame.style.cssText = 'width:550px;max-width:100%;height:400px;border:0';
    frame.src = 'https://platform.twitter.com/embed/Tweet.html?dnt=true&id=' + id + '&theme=light';
    addEventListener('message', ({ source, data }) => {
      if (source === frame.contentWindow) frame.style.height = data.height + 'px';
    });
    quote.replaceWith(frame);
  }, { rootMargin: '400px' }).observe(quote);
}`;
