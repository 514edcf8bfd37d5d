/** How a post's record came together, in words: the same ones in its rendering and in the report. */

/** The fields of a post that another route can fill in, by the names that readers know them under. */
const fieldWords = {
  author: 'the author’s name and number',
  account: 'the account then',
  claimedAt: 'time of posting',
  language: 'language',
  postedWith: 'posted with',
  editIds: 'versions',
  isStaleEdit: 'whether a later version exists',
  replyTo: 'what it replies to',
  conversationId: 'the thread it stands in',
  quotedId: 'number of the quoted post',
  quotedMissing: 'what stands in place of a quoted post',
  quoted: 'the quoted post',
  repliedTo: 'the post it replies to',
  reposted: 'the post that it passes on',
  possiblySensitive: 'whether it is marked as sensitive',
  place: 'place',
  coordinates: 'coordinates',
  mentions: 'accounts named in it',
  links: 'links',
  attached: 'pictures and videos',
  card: 'card under it',
  article: 'article',
  communityNote: 'note by readers',
  labels: 'labels of the platform',
  withheldIn: 'countries it is withheld in',
} as const;

export type FilledField = keyof typeof fieldWords;

/** The code stays beside the words: the files and the manifest know the route by it. */
const routeWords = new Map([
  ['syndication', 'the public embedding (syndication)'],
  ['oembed', 'the short public embedding (oembed)'],
  ['graphql', 'the web client, without an account (graphql)'],
]);

/** A route as readers know it; a code that has no words here stays a code. */
export function routeInWords(route: string): string {
  return routeWords.get(route) ?? route;
}

/** A line a route: `posted with, place: from the web client, without an account (graphql)`. */
export function filledInWords(filledFrom: Record<string, string>): string[] {
  const byRoute = Map.groupBy(Object.entries(filledFrom), ([, route]) => route);
  return [...byRoute].map(
    ([route, filled]) =>
      `${filled.map(([field]) => fieldInWords(field)).join(', ')}: from ${routeInWords(route)}`,
  );
}

function fieldInWords(field: string): string {
  return Object.hasOwn(fieldWords, field) ? fieldWords[field as FilledField] : field;
}
