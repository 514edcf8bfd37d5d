/** Same meaning, same bytes: RFC 8785, the form in which manifests are hashed. */
import canonicalize from 'canonicalize';

/** Canonical text (to be stored as UTF-8) of a JSON value. @throws TypeError for what JSON can't say */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('this value has no JSON form');
  return text;
}
