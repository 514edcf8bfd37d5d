/**
 * Our own picture of a post, from its stored record and media: one page without scripts or
 * outside requests, so that it looks the same long after the original is gone. It says in
 * words what it is, and everything in it that came from outside is escaped and fenced in.
 */
import { createHash } from 'node:crypto';
import type { Post, RenderedMedia, RenderNote } from '../platform.ts';
import { style } from './render-style.ts';

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
${post.repliedTo ? parent(post.repliedTo) : ''}
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
  return `${text}${more}${article(post)}${attached(post, media, belongsTo)}`;
}

function article(post: Post): string {
  if (post.article == null) return '';
  const { title, preview } = post.article;
  return `<section class="article"><h2 dir="auto">${plain(title)}</h2>${preview === null ? '' : `<p dir="auto">${plain(preview)}</p>`}<p class="gap">Only the beginning of this article is in the record.</p></section>`;
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
  if (post.quotedId === null) return '';
  return `<section class="quoted"><p class="none">Quotes post ${plain(post.quotedId)}, which the record doesn't hold</p></section>`;
}

function parent(post: Post): string {
  const count = post.attached?.length ?? 0;
  const media =
    count === 0
      ? ''
      : `<p class="gap">${count} of its pictures or videos are not part of this capture.</p>`;
  return `<section class="parent"><p class="small">In reply to</p>${author(post, [], '')}<div class="text" dir="auto"${language(post.language)}>${plain(post.text)}</div>${media}<p class="small">Post ${plain(post.id)} · ${times(post)}</p></section>`;
}

function replyLine({ id, handle }: { id: string; handle: string | null }): string {
  const whom = handle === null ? '' : ` by <bdi>@${plain(handle)}</bdi>`;
  return `<p class="small reply">In reply to post ${plain(id)}${whom}, which the record doesn't hold</p>`;
}

function times(post: Post): string {
  return `${utc(post.claimedAt)} (claimed)`;
}

const degradations: Record<string, string> = {
  'oembed-only': 'only the short public embedding could be read; media and exact time are missing',
  'one-route-only': 'read by one route only',
  'no-note-text': 'the full text of this long post is missing',
  'article-preview-only': 'only the beginning of the article',
  'no-author-id': 'the account number is missing',
  'no-parent': 'the post it replies to is not in the record',
  'no-quoted-post': 'the quoted post is not in the record',
  'text-withheld': 'the text is withheld',
};

function facts(post: Post, note: RenderNote): string {
  const links = post.links.map(
    ({ short, expanded }) => `<bdi>${plain(short)}</bdi> leads to <bdi>${plain(expanded)}</bdi>`,
  );
  const rows: [string, string][] = [
    ['Posted, as claimed', utc(post.claimedAt)],
    ['Posted, from its id', utc(post.idTime)],
    ['Post', plain(post.id)],
    ...(post.place === null
      ? []
      : [['Place, as claimed', `<bdi dir="auto">${plain(post.place)}</bdi>`] as [string, string]]),
    ...(post.editIds.length > 1
      ? [['Versions', post.editIds.map(plain).join(', ')] as [string, string]]
      : []),
    ...(links.length > 0 ? [['Links', links.join('<br>')] as [string, string]] : []),
    ['Record read from', plain(note.renderedFrom)],
    ...(post.degraded.length > 0
      ? [
          [
            'Incomplete',
            post.degraded.map((code) => degradations[code] ?? plain(code)).join('; '),
          ] as [string, string],
        ]
      : []),
    ['Capture', plain(note.captureId)],
  ];
  return `<dl>${rows.map(([term, value]) => `<dt>${term}</dt><dd>${value}</dd>`).join('\n')}</dl>`;
}

/** `2020-02-12T18:13:24.000Z` → `2020-02-12 18:13:24 UTC` */
function utc(time: string | null): string {
  if (time === null) return 'not known';
  return `${plain(time)
    .replace('T', ' ')
    .replace(/(?:\.0+)?Z$/, '')} UTC`;
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

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function attribute(text: string): string {
  return text.toWellFormed().replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);
}

/** Text for a reader: escaped, and signs that would reorder or hide text are shown as what they are. */
function plain(text: string): string {
  return attribute(text).replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202d\u202e\u2028\u2029]/g,
    (sign) =>
      `<span class="sign">U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}</span>`,
  );
}
