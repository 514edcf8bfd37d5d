/**
 * Our own picture of a post, from its stored record and media: one page without scripts or
 * outside requests, so that it looks the same long after the original is gone. It says in
 * words what it is, and everything in it that came from outside is escaped and fenced in.
 */
import { createHash } from 'node:crypto';
import type { Post, RenderedMedia, RenderNote } from '../../platform.ts';
import { article, besides, card } from './render-extras.ts';
import { facts } from './render-facts.ts';
import { style } from './render-style.ts';
import { attribute, plain, utc } from './render-text.ts';

const policy = [
  "default-src 'none'",
  'img-src data:',
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export function renderPost(post: Post, media: RenderedMedia[], note: RenderNote): string {
  const demo = note.environment === 'demo';
  const band = demo
    ? '<div class="demo" role="note"><b>DEMONSTRATION</b><span>made-up content of a demonstration, not evidence of anything</span></div>'
    : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<title>${demo ? 'DEMONSTRATION: ' : ''}Post ${plain(post.id)}, rendered from archived data</title>
<style>${style}</style>
</head>
<body${demo ? ' class="is-demo"' : ''}>
${band}
<main>
<p class="label">Rendered from archived data, not a screenshot</p>
${post.repliedTo ? embedded('In reply to', post.repliedTo) : ''}
${post.reposted ? embedded('Passed on: the post itself', post.reposted) : ''}
<article class="post">
${author(post, media, 'avatar')}
${post.repliedTo === null && post.replyTo ? replyLine(post.replyTo) : ''}
${body(post, media, 'post')}
${quote(post, media)}
</article>
${facts(post, note)}
</main>
${band}
</body>
</html>
`;
}

function author(post: Post, media: RenderedMedia[], avatar: string): string {
  const { name, handle, id } = post.author;
  const portrait = media.find((one) => one.belongsTo === avatar && isInline(one));
  const picture = portrait
    ? `<img class="avatar" src="${attribute(portrait.href)}" alt="">`
    : '<span class="avatar none" aria-hidden="true"></span>';
  return `<header>${picture}<div class="who"><bdi class="name" dir="auto">${plain(name ?? 'name not recorded')}</bdi>
<span class="handle"><bdi>${handle === null ? 'handle not recorded' : `@${plain(handle)}`}</bdi>${id === null ? '' : ` · account ${plain(id)}`}</span></div></header>`;
}

function body(post: Post, media: RenderedMedia[], belongsTo: string): string {
  const missing = post.degraded.includes('text-withheld') ? 'the text is withheld' : 'no text';
  const text =
    post.text === ''
      ? `<p class="none">${missing}</p>`
      : `<div class="text" dir="auto"${language(post.language)}>${plain(post.text)}</div>`;
  const more = post.textTruncated
    ? '<p class="gap">The post is longer than this: the full text could not be had.</p>'
    : '';
  return `${text}${more}${article(post)}${attached(post, media, belongsTo)}${card(post)}${besides(post)}`;
}

/** Every picture and video that the record names, whether it is in the archive or not. */
function attached(post: Post, media: RenderedMedia[], belongsTo: string): string {
  const listed =
    post.attached?.map(({ id, kind, unavailable }) => ({ id, kind: String(kind), unavailable })) ??
    media
      .filter((one) => one.belongsTo === belongsTo)
      .map(({ mediaId, kind }) => ({ id: mediaId, kind: String(kind), unavailable: null }));
  if (listed.length === 0) return '';
  const figures = listed.map((item, index) => figure(item, index + 1, media)).join('\n');
  return `<div class="media${listed.length > 1 ? ' many' : ''}">\n${figures}\n</div>`;
}

interface Attached {
  id: string;
  kind: string;
  unavailable: string | null;
}

function figure(item: Attached, position: number, media: RenderedMedia[]): string {
  const what = { video: 'Video', gif: 'Animation', picture: 'Picture' }[item.kind] ?? 'Media';
  const kept = media.find((one) => one.mediaId === item.id && isInline(one));
  const poster = media.find((one) => one.mediaId === `poster-${item.id}` && isInline(one));
  const said = item.unavailable === null ? '' : ` (X says: ${plain(item.unavailable)})`;
  if (kept === undefined && poster === undefined) {
    return `<figure class="missing"><p>${what} ${position} is not in this archive${said}</p></figure>`;
  }
  const shown = kept ?? poster;
  const moving = item.kind === 'video' || item.kind === 'gif';
  const duration = kept?.durationMs == null ? '' : `, ${clock(kept.durationMs)}`;
  const caption = kept
    ? moving
      ? `${what.toLowerCase()}${duration}: one frame of the archived file`
      : ''
    : `${what.toLowerCase()}: its still picture; the file itself is not in this archive${said}`;
  const described = kept?.altText
    ? `<span class="alt" dir="auto">described by its author as: <bdi>${plain(kept.altText)}</bdi></span>`
    : '';
  const play = moving ? '<span class="play" aria-hidden="true"></span>' : '';
  return `<figure><div class="frame"><img src="${attribute(shown?.href ?? '')}" alt="${attribute(kept?.altText ?? `${what} ${position}`)}">${play}</div>${caption || described ? `<figcaption>${caption}${caption && described ? '<br>' : ''}${described}</figcaption>` : ''}</figure>`;
}

function quote(post: Post, media: RenderedMedia[]): string {
  if (post.quoted) {
    return `<section class="quoted">${author(post.quoted, media, 'quoted-avatar')}${body(post.quoted, media, 'quoted')}<p class="small">Quoted post ${plain(post.quoted.id)} · ${times(post.quoted)}</p></section>`;
  }
  const inPlace = post.quotedMissing ?? null;
  if (post.quotedId === null && inPlace === null) return '';
  const which = post.quotedId === null ? 'a post' : `post ${plain(post.quotedId)}`;
  const words = inPlace === null ? '' : `; in its place: <bdi dir="auto">${plain(inPlace)}</bdi>`;
  return `<section class="quoted"><p class="none">Quotes ${which}, which the record doesn't hold${words}</p></section>`;
}

function embedded(heading: string, post: Post): string {
  const count = post.attached?.length ?? 0;
  const media =
    count === 0
      ? ''
      : `<p class="gap">${count} of its pictures or videos are not part of this capture.</p>`;
  return `<section class="parent"><p class="small">${heading}</p>${author(post, [], '')}<div class="text" dir="auto"${language(post.language)}>${plain(post.text)}</div>${media}<p class="small">Post ${plain(post.id)} · ${times(post)}</p></section>`;
}

function replyLine({ id, handle }: { id: string; handle: string | null }): string {
  const whom = handle === null ? '' : ` by <bdi>@${plain(handle)}</bdi>`;
  return `<p class="small reply">In reply to post ${plain(id)}${whom}, which the record doesn't hold</p>`;
}

function times(post: Post): string {
  return `${utc(post.claimedAt)} (claimed)`;
}

function clock(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = String(seconds % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** The page asks nobody: a picture is in it or isn't shown. */
function isInline({ href }: RenderedMedia): boolean {
  return /^data:image\/[a-z+.-]+;base64,[A-Za-z0-9+/=]*$/.test(href);
}

function language(code: string | null): string {
  return code !== null && /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?$/.test(code) ? ` lang="${code}"` : '';
}
