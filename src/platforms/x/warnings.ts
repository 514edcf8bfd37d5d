/** What a reader of a post's record must be told, each as a code and a sentence. */
import type { LinkFacts } from '../identity.ts';
import type { Post, SourceRecord } from '../platform.ts';
import type { PostClaims } from './claims/claims.ts';
import type { MediaClaims } from './claims/media-claims.ts';
import { disagreementOnExistence, disagreementsOnContent } from './compare-routes.ts';
import type { Found } from './conclude.ts';
import { firstPostedWith, uploadedAt } from './media.ts';
import { clocksDiffer } from './post.ts';
import type { RouteReading } from './routes/reading.ts';

type Warning = SourceRecord['warnings'][number];

export function warningsOn(readings: RouteReading[], found: Found | null): Warning[] {
  const warnings = readings.flatMap(({ warning }) => (warning ? [warning] : []));
  const existence = disagreementOnExistence(readings);
  if (existence !== null) {
    const message = `the routes to this post don't agree whether it is there: ${existence}`;
    warnings.push({ code: 'routes-disagree', message });
  }
  const other = readings.find(
    ({ claims, route }) => claims !== null && route !== found?.route && route !== 'oembed',
  );
  const differences =
    found && other?.claims ? disagreementsOnContent(found.claims, other.claims) : [];
  if (differences.length > 0) {
    const message = `${found?.route} and ${other?.route} give different records of this post: ${differences.join('; ')}`;
    warnings.push({ code: 'routes-disagree', message });
  }
  return warnings;
}

export function warningsAboutPost(post: Post, claims: PostClaims, facts: LinkFacts): Warning[] {
  const warnings = attribution(post, facts);
  if (clocksDiffer(post)) {
    const message = `the record claims ${post.claimedAt}, but the id was given out at ${post.idTime}`;
    warnings.push({ code: 'time-mismatch', message });
  }
  if (post.isStaleEdit === true) {
    const newest = post.editIds.at(-1);
    const message = `this is an older version of an edited post; the newest known is ${newest ?? 'not named'}`;
    warnings.push({ code: 'superseded', message });
  }
  return [
    ...warnings,
    ...claims.media.flatMap((media, index) => reused(media, index + 1, post)),
    ...withheldElsewhere('this post', claims.withheldIn),
    ...withheldElsewhere('the whole account', claims.account?.withheldIn ?? []),
  ];
}

const dayMs = 24 * 60 * 60_000;

/** A picture or video that is older than its post need not show what the post speaks of. */
function reused(media: MediaClaims, position: number, post: Post): Warning[] {
  const first = firstPostedWith(media, post.id);
  if (first !== null) {
    const message = `media ${position} of this post was first posted with post ${first}`;
    return [{ code: 'media-from-another-post', message }];
  }
  const posted = post.idTime ?? post.claimedAt;
  const uploaded = uploadedAt(media, posted);
  if (uploaded === null || posted === null) return [];
  const days = Math.floor((Date.parse(posted) - Date.parse(uploaded)) / dayMs);
  if (days < 1) return [];
  const message = `media ${position} of this post was uploaded at ${uploaded} by the time in its id, ${days} ${days === 1 ? 'day' : 'days'} before the post`;
  return [{ code: 'media-older-than-post', message }];
}

/** X's codes that are no countries. */
const everywhere: Record<string, string> = {
  XX: 'every country',
  XY: 'every country, after a copyright complaint',
};

function withheldElsewhere(what: string, codes: string[]): Warning[] {
  if (codes.length === 0) return [];
  const where = codes.slice(0, 50).map((code) => everywhere[code] ?? code);
  const message = `X withholds ${what} in ${where.join(', ')}; here it was shown`;
  return [{ code: 'withheld-elsewhere', message }];
}

/** The text around the link, or the link itself, may name another author than the post has. */
function attribution({ author }: Post, facts: LinkFacts): Warning[] {
  const actual = author.handle;
  if (actual === null) return [];
  const named: [string | undefined, string][] = [
    [facts.attributedTo, 'the text around the link names'],
    [facts.handle, 'the link names'],
  ];
  return named.flatMap(([handle, words]) => {
    const claimed = handle?.replace(/^@/, '');
    if (!claimed || claimed.toLowerCase() === actual.toLowerCase()) return [];
    const whose = author.id === null ? '' : ` (account ${author.id})`;
    return [
      {
        code: 'attribution-mismatch',
        message: `${words} @${claimed} as the author, but the post is by @${actual}${whose}. A handle can be changed or taken over by another account, so this alone doesn't show which of the two is wrong`,
      },
    ];
  });
}
