/** What one route's record of a post lacks is taken from another's, and noted field by field. */
import type { FilledField } from '../../model/post-in-words.ts';
import type { PostClaims } from './claims/claims.ts';
import type { Found } from './conclude.ts';
import { isCut } from './post.ts';

type Field = keyof PostClaims;

/** A text, how it is cut and how it is counted belong together, and counters to their route. */
const fillable = [
  'createdAt',
  'language',
  'postedWith',
  'editIds',
  'isStaleEdit',
  'replyTo',
  'conversationId',
  'quotedId',
  'quotedMissing',
  'quoted',
  'parent',
  'reposted',
  'possiblySensitive',
  'place',
  'coordinates',
  'mentions',
  'links',
  'media',
  'card',
  'article',
  'communityNote',
  'labels',
  'withheldIn',
] as const satisfies Field[];

/** Where the post calls a field otherwise than the claims do. */
const namesInPost: Partial<Record<Field, FilledField>> = {
  createdAt: 'claimedAt',
  media: 'attached',
  parent: 'repliedTo',
};

/** `found`, completed by what only the other route's record of the post has. */
export function mergeRoutes(found: Found, { claims: other, route }: Found): Found {
  const { claims } = found;
  const taken: Field[] = fillable.filter((field) => !isTold(claims[field]) && isTold(other[field]));
  const values = Object.fromEntries(taken.map((field) => [field, other[field]]));
  const filled: PostClaims = {
    ...claims,
    ...values,
    author: partsFrom(claims.author, other.author),
    account: accountOf(claims, other),
    namesMedia: claims.namesMedia || other.namesMedia,
  };
  for (const field of ['author', 'account'] as const) {
    if (JSON.stringify(filled[field]) !== JSON.stringify(claims[field])) taken.push(field);
  }
  if (isCutShorter(claims.quoted, other.quoted)) {
    filled.quoted = other.quoted;
    taken.push('quoted');
  }
  const noted = Object.fromEntries(taken.map((field) => [namesInPost[field] ?? field, route]));
  return { ...found, claims: filled, filledFrom: { ...noted, ...found.filledFrom } };
}

function isTold(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value != null;
}

function accountOf({ account }: PostClaims, other: PostClaims): PostClaims['account'] {
  if (account === null || other.account === null) return account ?? other.account;
  return partsFrom(account, other.account);
}

function partsFrom<Parts extends object>(own: Parts, other: Parts): Parts {
  const told = Object.entries(own).filter(([, value]) => isTold(value));
  return { ...other, ...Object.fromEntries(told) };
}

/** Both hold the quoted post, but one of them only its beginning. */
function isCutShorter(own: PostClaims | null, other: PostClaims | null): boolean {
  return own !== null && other !== null && own.id === other.id && isCut(own) && !isCut(other);
}
