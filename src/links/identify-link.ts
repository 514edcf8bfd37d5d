import { unwrapped } from './clean-link.ts';
import { eachOnce, type FoundLink } from './found-link.ts';
import { bareLink, textLinks } from './text-links.ts';

/**
 * The source that one pasted piece of text names: an address with or without scheme, a
 * post's number, or a whole message, of which the first link counts. Pure and total.
 */
export function identifyLink(text: string): FoundLink {
  if (unwrapped(text) === '') return { link: text.trim(), rejected: 'empty' };
  const [first] = eachOnce(textLinks(text));
  return first ?? bareLink(text) ?? { link: text.trim(), rejected: 'not-a-link' };
}
