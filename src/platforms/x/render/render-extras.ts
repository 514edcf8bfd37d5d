/** What stands around a post's text in a rendering: an article, a card, labels and notes of others. */
import type { Post } from '../../platform.ts';
import type { Poll } from '../../post.ts';
import { plain, utc } from './render-text.ts';

export function article(post: Post): string {
  if (post.article == null) return '';
  const { title, preview } = post.article;
  return `<section class="article"><h2 dir="auto">${plain(title)}</h2>${preview === null ? '' : `<p dir="auto">${plain(preview)}</p>`}<p class="gap">Only the beginning of this article is in the record.</p></section>`;
}

export function card(post: Post): string {
  if (post.card == null) return '';
  const { kind, title, description, link, poll } = post.card;
  const lines = [
    ...(description === null ? [] : [`<p dir="auto">${plain(description)}</p>`]),
    ...(poll === null ? [] : choices(poll)),
    ...(link === null ? [] : [`<p class="small"><bdi>${plain(link)}</bdi></p>`]),
    `<p class="small">${poll === null ? 'Card' : 'Poll'} of the kind <bdi>${plain(kind)}</bdi></p>`,
  ];
  const heading = title === null ? '' : `<h2 dir="auto">${plain(title)}</h2>`;
  return `<section class="article">${heading}${lines.join('')}</section>`;
}

function choices({ choices, countedAt, endsAt, isFinal }: Poll): string[] {
  const count = { true: 'the final count', false: 'not the final count' }[String(isFinal)];
  return [
    ...choices.map(
      ({ label, votes }) =>
        `<p><bdi dir="auto">${plain(label)}</bdi>: ${votes === null ? 'votes not recorded' : `${Number(votes)} votes`}</p>`,
    ),
    `<p class="small">Counted ${utc(countedAt)}${count === undefined ? '' : `, ${count}`}; ends ${utc(endsAt)}</p>`,
  ];
}

/** What the platform and other readers put beside it, kept apart from the author's words. */
export function besides(post: Post): string {
  const labels = (post.labels ?? []).map(
    (label) => `<p class="gap">Label by X: <bdi dir="auto">${plain(label)}</bdi></p>`,
  );
  const note =
    post.communityNote == null
      ? []
      : [
          `<section class="article"><p class="small">A note by readers, shown beside the post by X</p><p dir="auto">${plain(post.communityNote.text)}</p></section>`,
        ];
  return [...labels, ...note].join('');
}
