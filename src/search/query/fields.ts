/** The fields of the query language: what each holds, and how it is written. */

export interface FieldMeaning {
  /** What is found. */
  meaning: string;
  example: string;
  /** The only values that it takes. */
  values?: readonly string[];
}

export const availabilities = [
  'available',
  'suspect',
  'removed',
  'restricted',
  'restored',
  'unknown',
] as const;

export const kindsHeld = [
  'post',
  'page',
  'picture',
  'video',
  'audio',
  'document',
  'text-in-pictures',
  'transcript',
  'note',
] as const;

export const fields = {
  author: { meaning: 'handle or id of who posted it', example: 'author:@OIRSpox' },
  platform: { meaning: 'where it was posted', example: 'platform:x' },
  case: { meaning: 'in this case', example: 'case:qamishli' },
  tag: { meaning: 'with this tag', example: 'tag:convoy' },
  state: {
    meaning: 'how much of it was kept',
    example: 'state:partial',
    values: ['complete', 'partial', 'blocked', 'failed', 'unfinished'],
  },
  now: {
    meaning: 'what is concluded about the source now',
    example: 'now:removed',
    values: availabilities,
  },
  has: { meaning: 'what was kept of it', example: 'has:video', values: kindsHeld },
  lang: { meaning: 'language of its text, as far as it shows', example: 'lang:ar' },
  host: { meaning: 'host of the link or page, or one below it', example: 'host:example.org' },
  link: { meaning: 'part of a link or of a handle', example: 'link:/status/1227' },
  source: { meaning: 'key of the source, or a link to it', example: 'source:x:status:1227' },
  sha256: { meaning: 'holds this file', example: 'sha256:…64 digits' },
  before: { meaning: 'opened before this time', example: 'before:2020-03-01' },
  after: { meaning: 'opened at or after this time', example: 'after:7d' },
  changed: {
    meaning: 'differs from the capture before',
    example: 'changed:yes',
    values: ['yes', 'no'],
  },
  near: { meaning: 'shows what this picture or capture shows', example: 'near:picture.jpg' },
} as const satisfies Record<string, FieldMeaning>;

export type FieldName = keyof typeof fields;

export function isField(name: string): name is FieldName {
  return Object.hasOwn(fields, name);
}
