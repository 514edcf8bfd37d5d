/** Under a rendered post: what its record says beside the text, and what it lacks. */
import { filledInWords, routeInWords } from '../../../model/post-in-words.ts';
import type { Post, RenderNote } from '../../platform.ts';
import { plain, utc } from './render-text.ts';

const degradations: Record<string, string> = {
  'oembed-only': 'only the short public embedding could be read; media and exact time are missing',
  'one-route-only': 'read by one route only',
  'no-note-text': 'the full text of this long post is missing',
  'article-preview-only': 'only the beginning of the article',
  'card-in-words-only': 'of what hangs under the post only the words',
  'media-unreadable': 'its pictures or videos are named and could not be read',
  'no-author-id': 'the account number is missing',
  'no-parent': 'the post it replies to is not in the record',
  'no-quoted-post': 'the quoted post is not in the record',
  'reads-like-a-notice':
    'the text may be a notice of the platform’s rather than the author’s words',
  'text-withheld': 'the text is withheld',
};

export function facts(post: Post, note: RenderNote): string {
  const rows: [term: string, values: string[]][] = [
    ['Posted, as claimed', [utc(post.claimedAt)]],
    ['Posted, from its id', [utc(post.idTime)]],
    ['Posted with', said(post.postedWith)],
    ['Post', [plain(post.id)]],
    ['Account', account(post)],
    ['Place, as claimed', [...said(post.place), ...coordinates(post)]],
    ['Versions', post.editIds.length > 1 ? [post.editIds.map(plain).join(', ')] : []],
    ['Media', media(post)],
    [
      'Links',
      post.links.map(({ short, expanded }) => `${fenced(short)} leads to ${fenced(expanded)}`),
    ],
    ['Record read from', [plain(routeInWords(note.renderedFrom)), ...fromElsewhere(post)]],
    ['Incomplete', incomplete(post)],
    ['Capture', [plain(note.captureId)]],
  ];
  const shown = rows.filter(([, values]) => values.length > 0);
  return `<dl>${shown.map(([term, values]) => `<dt>${term}</dt><dd>${values.join('<br>')}</dd>`).join('\n')}</dl>`;
}

function fenced(text: string): string {
  return `<bdi dir="auto">${plain(text)}</bdi>`;
}

function said(text: string | null | undefined): string[] {
  return text == null ? [] : [fenced(text)];
}

function account({ account }: Post): string[] {
  if (account == null) return [];
  const { createdAt, location, badge } = account;
  return [
    ...(createdAt === null ? [] : [`made ${utc(createdAt)}`]),
    ...(location === null ? [] : [`says of its place: ${fenced(location)}`]),
    ...(badge === null ? [] : [`mark beside its name: ${plain(badge)}`]),
  ];
}

function coordinates({ coordinates }: Post): string[] {
  if (coordinates == null) return [];
  return [`latitude ${Number(coordinates.latitude)}, longitude ${Number(coordinates.longitude)}`];
}

/** When a file was uploaded tells whether it was made for this post. */
function media({ attached }: Post): string[] {
  return (attached ?? []).flatMap(({ uploadedAt, firstPostedWith, title, tagged }, index) => {
    const words = [
      ...(uploadedAt == null ? [] : [`uploaded ${utc(uploadedAt)}, from its id`]),
      ...(firstPostedWith == null ? [] : [`first posted with post ${plain(firstPostedWith)}`]),
      ...(title == null ? [] : [`called ${fenced(title)}`]),
      ...(tagged ?? []).map(
        ({ handle, id }) =>
          `marked in it: ${fenced(`@${handle}`)} (account ${plain(id ?? 'not recorded')})`,
      ),
    ];
    return words.length === 0 ? [] : [`${index + 1}: ${words.join('; ')}`];
  });
}

function fromElsewhere({ filledFrom }: Post): string[] {
  return filledInWords(filledFrom ?? {}).map(plain);
}

function incomplete({ degraded }: Post): string[] {
  if (degraded.length === 0) return [];
  return [degraded.map((code) => degradations[code] ?? plain(code)).join('; ')];
}
