/** Names that people give to cases and tags, as they are kept: two that look alike are one. */
import { UsageError } from '../base/errors.ts';
import { normalForm } from '../base/normal-form.ts';

const longestName = 200;
/** What shows nothing. The joiners U+200C and U+200D mean something inside a word, and stay there. */
const unseen =
  /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const edges = /^[\s\u200c\u200d]+|[\s\u200c\u200d]+$/g;

/**
 * In Unicode's composed form (NFC), without unseen signs, blanks as one space each. Empty where
 * nothing is left. @throws UsageError `too-long`
 */
export function givenName(text: string): string {
  const name = normalForm(text.replace(unseen, '')).replace(/\s+/g, ' ').replace(edges, '');
  if (name.length <= longestName) return name;
  throw new UsageError(
    'too-long',
    `a case or tag may have at most ${longestName} characters: ${name.slice(0, 40)}…`,
  );
}

/** @throws UsageError `too-long`, `empty-value` for a name in which nothing can be seen */
export function givenCase(text: string | null | undefined): string | null {
  if (text == null) return null;
  const name = givenName(text);
  if (name !== '') return name;
  throw new UsageError('empty-value', 'the name of a case must hold something that can be seen');
}

/** Each once; those in which nothing can be seen are none. @throws UsageError `too-long` */
export function givenTags(texts: readonly string[] = []): string[] {
  return [...new Set(texts.map(givenName))].filter((name) => name !== '');
}
