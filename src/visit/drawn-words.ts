/**
 * Words that a reader sees although no text of the document holds them: what stands in the fields
 * of a form, and what a style puts before, after or beside an element. Under a heading of their own
 * at the end of the text, because where they stand among the others no browser says.
 */

const mostElements = 12_000;
const mostWords = 400;
const longestWords = 4_000;
/** Styles of thousands of elements take their time. */
const limitMs = 400;

/** `withDrawnWords(text, closedRoots)`. Passwords are no words, nor are signs of an icon font. */
export const readingDrawnWords = `
  const [valueOf, hintOf] = ['value', 'placeholder'].map((name) => getter(HTMLInputElement, name));
  const [areaOf, areaHintOf] = ['value', 'placeholder'].map((name) => getter(HTMLTextAreaElement, name));
  const typeOf = getter(HTMLInputElement, 'type');
  const wordless = /^(hidden|password|file|checkbox|radio|range|color|image)$/;
  const inField = (one) => {
    if (one instanceof HTMLTextAreaElement) return areaOf(one) || areaHintOf(one);
    if (!(one instanceof HTMLInputElement) || wordless.test(typeOf(one))) return '';
    return valueOf(one) || hintOf(one);
  };
  const quoted = /"((?:[^"\\\\]|\\\\.)*)"|attr\\(\\s*([\\w-]+)/g;
  const fromStyle = (one, part) => {
    const { content, display, visibility } = getComputedStyle(one, part);
    if (!/["(]/.test(content) || display === 'none' || visibility !== 'visible') return '';
    return [...content.matchAll(quoted)].map(([, words, name]) => words ?? Element.prototype.getAttribute.call(one, name) ?? '').join('');
  };
  const isWords = (words) => /[\\p{L}\\p{N}]{2}/u.test(words.replace(/\\p{Co}/gu, ''));
  const withDrawnWords = (text, closed) => {
    if (innerWidth < 2 || innerHeight < 2 || root === null) return text;
    const found = new Set();
    const untilMs = performance.now() + ${limitMs};
    const all = everyRoot(closed).flatMap((one) => [...within(one)]).slice(0, ${mostElements});
    for (const one of all) {
      if (found.size >= ${mostWords} || performance.now() > untilMs) break;
      if (!(one instanceof HTMLElement) || skipped.test(one.localName)) continue;
      const drawn = [inField(one), fromStyle(one, '::before'), fromStyle(one, '::after')];
      if (/^(li|summary)$/.test(one.localName)) drawn.push(fromStyle(one, '::marker'));
      const words = drawn.map((each) => each.trim().slice(0, ${longestWords})).filter(isWords);
      if (words.length === 0 || !one.checkVisibility({ visibilityProperty: true })) continue;
      for (const each of words) if (!text.includes(each)) found.add(each);
    }
    return found.size === 0 ? text : text + '\\n\\n[in fields and styles]\\n' + [...found].join('\\n');
  };
`;
