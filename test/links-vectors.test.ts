/** A list of pasted links, with what each must become. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { identifyLink } from '../src/links/identify-link.ts';
import { readLinks } from '../src/links/read-links.ts';
import type { LinkFacts } from '../src/platforms/identity.ts';
import { addressOf } from '../src/platforms/x/identity.ts';

interface Vector {
  input: string;
  canonical: string;
  [fact: string]: unknown;
}

const list = new URL('../../shared/fixtures/url-vectors.json', import.meta.url);
const factNames = ['handle', 'media', 'wayback', 'fmt', 'role', 'res'];

test.skipIf(existsSync(list))('SKIPPED: ../shared/fixtures/url-vectors.json is not here', () => {});

const vectors: Vector[] = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];

test.each(vectors)('$input → $canonical', (vector) => {
  const found = identifyLink(vector.input);
  expect('rejected' in found ? `reject:${found.rejected}` : written(found)).toBe(vector.canonical);
  if ('rejected' in found) return;
  for (const name of factNames.filter((name) => name in vector)) {
    expect(found.facts[name], name).toBe(vector[name]);
  }
  const address = addressOf(found.key);
  if (address !== null) expect(identifyLink(address)).toMatchObject({ key: found.key });
});

test.each(vectors)('as a whole text: $input', ({ input }) => {
  const { link: _, ...expected } = identifyLink(input);
  expect(readLinks(input)).toMatchObject([expected]);
});

function written({ key, facts }: { key: string; facts: LinkFacts }): string {
  const media = facts.media === undefined ? '' : `#${facts.media}`;
  return key + media + (facts.wayback === undefined ? '' : `@wayback=${facts.wayback}`);
}
