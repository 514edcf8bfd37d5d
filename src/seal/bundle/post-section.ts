/** A post in the report: what its record claims, for people to read. The record itself is in the manifest. */
import { filledInWords, routeInWords } from '../../model/post-in-words.ts';
import {
  type ClaimedMedia,
  type ClaimedPoll,
  type ClaimedPost,
  claimedPost,
} from './claimed-post.ts';
import { type Html, html, joinHtml, listOf } from './html.ts';

/** A quoted post quotes again; nobody reads deeper than this. */
const deepest = 3;

export function postSection(
  post: unknown,
  title = 'The post, as its record has it',
  depth = 0,
): Html {
  if (post === null || post === undefined || depth > deepest) return html``;
  const read = claimedPost.safeParse(post);
  if (!read.success)
    return html`<h3>${title}</h3><p>Not in a shape that this report knows; the manifest holds it.</p>`;
  return html`<h3>${title}</h3>
${listOf(rowsOf(read.data))}
${postSection(read.data.reposted, 'The post that it passes on', depth + 1)}
${postSection(read.data.quoted, 'The post that it quotes', depth + 1)}
${postSection(read.data.repliedTo, 'The post that it replies to', depth + 1)}`;
}

type Row = [string, string | Html | null | undefined];

function rowsOf(post: ClaimedPost): [string, string | Html][] {
  const rows: Row[] = [
    ...wordsOf(post),
    ...timesOf(post),
    ...contextOf(post),
    ...besideIt(post),
    ['Read from', post.route && routeInWords(post.route)],
    ['Taken from other routes', lines(filledInWords(post.filledFrom ?? {}))],
    ['Missing in it', post.degraded?.join(', ')],
  ];
  return rows.filter((row): row is [string, string | Html] => Boolean(row[1]));
}

function wordsOf({ author, account, text, textTruncated, article }: ClaimedPost): Row[] {
  return [
    [
      'Author',
      author && `${author.name ?? ''} @${author.handle ?? '?'} (id ${author.id ?? 'not given'})`,
    ],
    ['The account then', account && listed(accountWords(account))],
    ['Text', words(text)],
    ['Cut short', textTruncated ? 'the record says that there is more text than it gave' : null],
    ['Article', article && lines([article.title, article.preview])],
  ];
}

function timesOf({ claimedAt, idTime, id, editIds, postedWith }: ClaimedPost): Row[] {
  return [
    ['Posted', claimedAt && `${claimedAt} (claimed)`],
    ['Posted', idTime && `${idTime} (derived from the id)`],
    ['Posted with', postedWith],
    ['Id', id],
    ['Edits', (editIds?.length ?? 0) > 1 ? editIds?.join(', ') : null],
  ];
}

function contextOf(post: ClaimedPost): Row[] {
  const { replyTo, place, coordinates, mentions, links, attached } = post;
  return [
    ['In reply to', replyTo && `${replyTo.id ?? '?'} of @${replyTo.handle ?? '?'}`],
    ['In place of a quoted post', words(post.quotedMissing)],
    ['Place', place],
    ['Coordinates', coordinates && `${coordinates.latitude}, ${coordinates.longitude} (WGS 84)`],
    [
      'Accounts named',
      listed(mentions?.map(({ handle, id }) => `@${handle ?? '?'} (id ${id ?? 'not given'})`)),
    ],
    ['Links in it', lines(links?.map(({ short, expanded }) => `${short} leads to ${expanded}`))],
    ['Media', lines(attached?.map(mediaWords))],
  ];
}

/** What the platform and other readers put beside the author's words. */
function besideIt({ card, labels, communityNote, withheldIn }: ClaimedPost): Row[] {
  return [
    ['Card under it', card && lines([card.title, card.description, card.link])],
    ['Poll', card?.poll && lines(pollWords(card.poll))],
    ['Kind of card', card?.kind],
    ['Labels of the platform', lines(labels)],
    ['Note by readers', words(communityNote?.text)],
    ['Withheld in', listed(withheldIn)],
  ];
}

function accountWords({
  createdAt,
  location,
  badge,
  withheldIn,
}: NonNullable<ClaimedPost['account']>): string[] {
  return [
    createdAt ? `since ${createdAt}` : '',
    location ? `place as its owner wrote it: ${location}` : '',
    badge ? `mark: ${badge}` : '',
    withheldIn?.length ? `withheld in ${withheldIn.join(', ')}` : '',
  ];
}

function mediaWords(media: ClaimedMedia): string {
  const { unavailable, title, altText, uploadedAt, firstPostedWith } = media;
  const said = [
    unavailable ? `unavailable: ${unavailable}` : '',
    title ? `titled: ${title}` : '',
    altText ? `described by its author as: ${altText}` : '',
    uploadedAt ? `uploaded ${uploadedAt} (derived from its id)` : '',
    firstPostedWith ? `first posted with ${firstPostedWith}` : '',
  ].filter(Boolean);
  return [`${media.id}: ${media.kind}`, ...said].join('; ');
}

function pollWords({ choices, endsAt, countedAt, isFinal }: ClaimedPoll): string[] {
  const count = isFinal == null ? '' : isFinal ? ', the final count' : ', not the final count';
  return [
    ...choices.map(({ label, votes }) => `${label}: ${votes ?? 'votes not recorded'}`),
    `counted ${countedAt ?? 'at a time that is not recorded'}${count}; ends ${endsAt ?? 'at a time that is not recorded'}`,
  ];
}

/** Words of somebody else, in whatever direction they are written. */
function words(said: string | null | undefined): Html | null {
  return said ? html`<span class="words" dir="auto">${said}</span>` : null;
}

function lines(given: (string | null | undefined)[] | null | undefined): Html | null {
  const said = (given ?? []).flatMap((line) => line || []);
  return said.length > 0 ? joinHtml(said.map((line) => html`${line}<br>`)) : null;
}

function listed(parts: string[] | null | undefined): string {
  return (parts ?? []).filter(Boolean).join('; ');
}
