/** x.com as somebody without an account sees it: the post, and what lies over it. */
import { type Answer, html, redirect, type SiteRequest } from '../answer.ts';
import { escapeMarkup } from '../content.ts';
import { avatarUrl, mediaFiles, type Post, postedAt, statusUrl } from '../post.ts';
import { postText } from '../post-text.ts';
import type { World } from '../world.ts';
import { graphql } from './graphql.ts';

const status =
  /^\/(?:i\/(?:web\/)?|\w{1,15}\/)status(?:es)?\/(\d{1,19})(?:\/(?:photo|video)\/\d)?\/?$/i;

export function xCom(request: SiteRequest, world: World): Answer {
  const api = graphql(request, world);
  if (api) return api;
  const { hostname, pathname, search } = request.url;
  if (hostname !== 'x.com') return redirect(`https://x.com${pathname}${search}`);
  if (pathname === '/i/flow/login') return html(frame('Log in to X', '<h1>Log in to X</h1>'));
  const id = status.exec(pathname)?.[1];
  if (id === undefined || world.loginWall) return redirect('https://x.com/i/flow/login', 302);
  return world.recorded(id, 'site') ?? statusPage(world.posts.get(id));
}

function statusPage(post: Post | undefined): Answer {
  switch (post?.state) {
    case 'live':
      return html(frame(`${post.author.name} on X`, article(post), linkedData(post)));
    case 'suspended':
      return html(
        frame('X', notice('Account suspended', 'X suspends accounts which violate the X Rules.')),
      );
    case 'protected':
      return html(
        frame('X', notice('These posts are protected', 'Only approved followers can see them.')),
      );
    case 'age-gated':
      // The page of an age-gated post answers 404 although the post exists.
      return html(
        frame(
          'X',
          notice(
            'Age-restricted adult content.',
            'To view this media, you’ll need to log in to X.',
          ),
        ),
        404,
      );
    default:
      return html(
        frame(
          'Page not found / X',
          notice('Hmm...this page doesn’t exist.', 'Try searching for something else.'),
        ),
      );
  }
}

function article(post: Post): string {
  const posted = postedAt(post.id).toISOString();
  const { text, readableEnd } = postText(post);
  const shown = [...text].slice(0, readableEnd).join('');
  return `
<article data-testid="tweet" role="article" tabindex="-1">
  <div data-testid="User-Name"><img src="${avatarUrl(post.author)}" alt="" width="40" height="40"><b>${escapeMarkup(post.author.name)}</b> <a href="/${post.author.handle}">@${post.author.handle}</a></div>
  <div data-testid="tweetText" lang="${post.language ?? 'en'}">${shown}</div>
  ${mediaFiles(post).map(drawnMedia).join('')}
  <a href="/${post.author.handle}/status/${post.id}"><time datetime="${posted}">${posted}</time></a>
  <div data-testid="logged_out_read_replies_pivot">Read 15 replies</div>
</article>`;
}

function drawnMedia(file: ReturnType<typeof mediaFiles>[number]): string {
  const source = `https://${file.picture}`;
  if (!file.video) {
    return `<div data-testid="tweetPhoto"><img src="${source.replace(/\.(jpg|png)$/, '?format=$1&amp;name=medium')}" alt="${escapeMarkup(file.media.altText ?? '')}"></div>`;
  }
  return `<div data-testid="videoPlayer"><div data-testid="videoComponent"><video preload="none" playsinline poster="${source}"></video></div></div>`;
}

function linkedData(post: Post): string {
  const data = {
    '@context': 'https://schema.org',
    '@type': 'SocialMediaPosting',
    identifier: post.id,
    url: statusUrl(post),
    articleBody: post.text,
    dateCreated: postedAt(post.id).toISOString(),
    author: { '@type': 'Person', name: post.author.name, alternateName: post.author.handle },
  };
  return `<script type="application/ld+json">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>`;
}

function notice(title: string, text: string): string {
  return `<div data-testid="error-detail"><h2>${title}</h2><p>${text}</p></div>`;
}

/** The frame around everything: the content comes late, by script, as on the site. */
function frame(title: string, content: string, head = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeMarkup(title)}</title>${head}
<style>
body { margin: 0; font: 15px/1.4 'DejaVu Sans', sans-serif; color: #0f1419 }
#react-root { display: flex; max-width: 1200px; margin: auto }
header { width: 240px; padding: 12px } main { width: 600px; border: solid #eff3f4; border-width: 0 1px; padding: 12px; min-height: 1200px }
[data-testid='sidebarColumn'] { width: 300px; padding: 12px }
[data-testid='tweetText'] { white-space: pre-wrap; font-size: 17px; margin: 8px 0; overflow-wrap: anywhere }
[data-testid='tweetPhoto'] img, video { display: block; width: 100%; border-radius: 16px; min-height: 100px }
#layers { position: fixed; inset: auto 0 0 0; z-index: 9 }
[data-testid='BottomBar'] { background: #1d9bf0; color: #fff; padding: 16px 80px }
[data-testid='cookie-banner'] { background: #fff; box-shadow: 0 0 12px #0004; padding: 16px 80px }
</style></head><body>
<div id="react-root"><header role="banner">X</header><main role="main"></main>
<div data-testid="sidebarColumn"><h2>New to X?</h2><div data-testid="google_sign_in_container">Sign up with Google</div><p>Something went wrong. Try reloading.</p></div></div>
<div id="layers"><div data-testid="cookie-banner">Did someone say … cookies? <button>Accept all cookies</button> <button>Refuse non-essential cookies</button></div>
<div data-testid="BottomBar">Don’t miss what’s happening. <a href="/i/flow/login">Log in</a> <a href="/i/flow/signup">Sign up</a></div></div>
<template id="content">${content}</template>
<script>
addEventListener('load', () => {
  document.querySelector('main').append(document.querySelector('#content').content.cloneNode(true));
  for (const time of document.querySelectorAll('time')) {
    const at = new Date(time.dateTime);
    time.textContent = at.toLocaleTimeString(undefined, { timeStyle: 'short' }) + ' · ' + at.toLocaleDateString(undefined, { dateStyle: 'medium' });
  }
  for (const video of document.querySelectorAll('video')) video.src = URL.createObjectURL(new MediaSource());
});
</script></body></html>`;
}
