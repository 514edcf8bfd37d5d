/** A post in the report: what its record claims, for people to read. The record itself is in the manifest. */
import { z } from 'zod';
import { type Html, html, joinHtml, listOf } from './html.ts';

const text = z.string().nullish();

/** Loose: posts of other versions, or of a platform that knows less, are shown as far as they go. */
const claimedPost = z.object({
  id: text,
  author: z.object({ id: text, handle: text, name: text }).nullish(),
  text,
  textTruncated: z.boolean().nullish(),
  claimedAt: text,
  idTime: text,
  editIds: z.array(z.string()).nullish(),
  replyTo: z.object({ id: text, handle: text }).nullish(),
  place: text,
  links: z.array(z.object({ short: text, expanded: text })).nullish(),
  attached: z.array(z.object({ id: text, kind: text, unavailable: text })).nullish(),
  route: text,
  degraded: z.array(z.string()).nullish(),
  quoted: z.unknown().optional(),
  repliedTo: z.unknown().optional(),
});
type ClaimedPost = z.infer<typeof claimedPost>;

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
${postSection(read.data.quoted, 'The post that it quotes', depth + 1)}
${postSection(read.data.repliedTo, 'The post that it replies to', depth + 1)}`;
}

function rowsOf(post: ClaimedPost): [string, string | Html][] {
  const { author, replyTo } = post;
  const rows: [string, string | Html | null | undefined][] = [
    [
      'Author',
      author && `${author.name ?? ''} @${author.handle ?? '?'} (id ${author.id ?? 'not given'})`,
    ],
    ['Text', post.text && html`<span class="words" dir="auto">${post.text}</span>`],
    [
      'Cut short',
      post.textTruncated ? 'the record says that there is more text than it gave' : null,
    ],
    ['Posted', post.claimedAt && `${post.claimedAt} (claimed)`],
    ['Posted', post.idTime && `${post.idTime} (derived from the id)`],
    ['Id', post.id],
    ['Edits', (post.editIds?.length ?? 0) > 1 ? post.editIds?.join(', ') : null],
    ['In reply to', replyTo && `${replyTo.id ?? '?'} of @${replyTo.handle ?? '?'}`],
    ['Place', post.place],
    [
      'Links in it',
      linesOf(post.links?.map(({ short, expanded }) => `${short} leads to ${expanded}`)),
    ],
    [
      'Media',
      linesOf(
        post.attached?.map(
          ({ id, kind, unavailable }) =>
            `${id}: ${kind}${unavailable ? `, unavailable: ${unavailable}` : ''}`,
        ),
      ),
    ],
    ['Read from', post.route],
    ['Missing in it', post.degraded?.join(', ')],
  ];
  return rows.filter((row): row is [string, string | Html] => Boolean(row[1]));
}

function linesOf(lines: string[] | undefined): Html | null {
  return lines?.length ? joinHtml(lines.map((line) => html`${line}<br>`)) : null;
}
