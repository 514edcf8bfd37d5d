/** publish.x.com: the blockquote that news sites paste. */
import { type Answer, html, json, redirect, type SiteRequest } from '../answer.ts';
import { escapeMarkup } from '../content.ts';
import { mediaCode, type Post, postedAt, statusUrl } from '../post.ts';
import { postText } from '../post-text.ts';
import type { World } from '../world.ts';

export function oembed(request: SiteRequest, world: World): Answer {
  if (request.url.hostname === 'publish.twitter.com') {
    return redirect(`https://publish.x.com${request.url.pathname}${request.url.search}`);
  }
  const wanted = request.url.searchParams.get('url') ?? '';
  const id = /\/status(?:es)?\/(\d{1,19})(?:\D|$)/.exec(wanted)?.[1];
  if (request.url.pathname !== '/oembed' || id === undefined) return notFound();
  const recorded = world.recorded(id, 'oembed');
  if (recorded) return recorded;
  const post = world.posts.get(id);
  if (!post) return notFound();
  if (post.state === 'protected') return json({ errors: [{ code: 179 }] }, 403);
  if (post.state !== 'live') return notFound();
  return json({
    url: statusUrl(post),
    author_name: post.author.name,
    author_url: `https://x.com/${post.author.handle}`,
    html: blockquote(post),
    width: 550,
    height: null,
    type: 'rich',
    cache_age: '3153600000',
    provider_name: 'X',
    provider_url: 'https://x.com',
    version: '1.0',
  });
}

/** The paragraph, the media link as pasted text shows it, the signature with the address. */
export function blockquote(post: Post): string {
  const { text } = postText(post);
  const code = mediaCode(post);
  const shown = code === null ? text : text.slice(0, -` https://t.co/${code}`.length);
  const picture = code === null ? '' : `<a href="https://t.co/${code}">pic.twitter.com/${code}</a>`;
  const date = new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' });
  return [
    `<blockquote class="twitter-tweet" data-dnt="true"><p lang="${post.language ?? 'en'}" dir="ltr">`,
    // As on the platform, nothing separates the text from the picture link.
    `${shown.replaceAll('\n', '<br>')}${picture}</p>&mdash; ${escapeMarkup(post.author.name)} (@${post.author.handle}) `,
    `<a href="${statusUrl(post)}?ref_src=twsrc%5Etfw">${date.format(postedAt(post.id))}</a></blockquote>\n`,
  ].join('');
}

function notFound(): Answer {
  return html('<!doctype html><title>Not found</title><h1>Nothing to embed here</h1>', 404);
}
