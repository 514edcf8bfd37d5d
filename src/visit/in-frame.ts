/**
 * What our scripts in a frame have at hand. They run beside the page's own, in a world of their own;
 * a page can still name its fields like properties (`<form><input name=scrollHeight>`), so
 * properties are read by the getters of their classes.
 */

/** Put in front of each script. */
const prelude = `
  const getter = (of, name) => { const { get } = Object.getOwnPropertyDescriptor(of.prototype, name); return (one) => get.call(one); };
  const [rootOf, bodyOf, scrollerOf] = ['documentElement', 'body', 'scrollingElement'].map((name) => getter(Document, name));
  const [fullHeight, fullWidth, innerH, innerW, topOf, leftOf, shadowOf] =
    ['scrollHeight', 'scrollWidth', 'clientHeight', 'clientWidth', 'scrollTop', 'scrollLeft', 'shadowRoot'].map((name) => getter(Element, name));
  const [childrenOf, textContent] = ['childNodes', 'textContent'].map((name) => getter(Node, name));
  const innerText = getter(HTMLElement, 'innerText');
  const rectOf = (one) => Element.prototype.getBoundingClientRect.call(one);
  const scrollTo = (one, to) => Element.prototype.scrollTo.call(one, { ...to, behavior: 'instant' });
  const within = (root) => (root instanceof Document ? Document : DocumentFragment).prototype.querySelectorAll.call(root, '*');
  const root = rootOf(document);
  const pageScroller = scrollerOf(document) instanceof Element ? scrollerOf(document) : root;
  const frames = async (limitMs) => Promise.race([
    new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    new Promise((done) => setTimeout(done, limitMs)),
  ]);
  const frame = (limitMs) => Promise.race([
    new Promise((done) => requestAnimationFrame(done)),
    new Promise((done) => setTimeout(done, limitMs)),
  ]);
  const everyRoot = (closed = []) => {
    const roots = [document, ...closed];
    for (const one of roots) {
      if (roots.length > 5000) break;
      for (const element of within(one)) { const inner = shadowOf(element); if (inner && !roots.includes(inner)) roots.push(inner); }
    }
    return roots;
  };
  const scrolls = (one, axis) => /auto|scroll|overlay/.test(getComputedStyle(one)[axis]);
  const boxes = () => everyRoot().flatMap((one) => [...within(one)]).filter((one) =>
    one !== pageScroller && one !== root && innerH(one) >= 150 && innerW(one) >= 200 &&
    fullHeight(one) > innerH(one) * 1.1 && scrolls(one, 'overflowY'));
  const area = (one) => innerH(one) * innerW(one);
`;

/** An expression that runs `body`, which returns a value or a promise of one. */
export function inFrame(body: string): string {
  return `(async () => {${prelude}${body}})()`;
}

/** A function of our own for `FrameWorld.call`, which gets `given`. */
export function functionInFrame(body: string): string {
  return `async function (...given) {${prelude}${body}}`;
}

/** Resolves when two frames were drawn, or when the page is too busy to draw them. */
export const drawn = inFrame('await frames(1000);');

/**
 * The text that a reader sees, shadow roots where they stand, as `textOf(closedRoots)`. Where a document
 * has none of them, the browser's own `innerText` says it.
 */
export const readingText = `
  const skipped = /^(script|style|template|noscript|head|title|iframe)$/i;
  const plain = (one) => one instanceof HTMLElement ? innerText(one) : textContent(one).trim();
  const textOf = (closed = []) => {
    if (innerWidth < 2 || innerHeight < 2 || root === null) return '';
    const start = bodyOf(document) ?? root;
    if (!(start instanceof HTMLElement)) return foreignText(start);
    const shadows = everyRoot(closed).filter((one) => one instanceof ShadowRoot);
    if (shadows.length === 0) return innerText(start);
    const rootOfHost = new Map(shadows.map((one) => [one.host, one]));
    const mixed = new Set();
    const mark = (one) => { for (let at = one; at && !mixed.has(at); at = at.parentNode ?? at.host) mixed.add(at); };
    for (const one of shadows) { mark(one.host); for (const element of within(one)) if (element instanceof HTMLSlotElement) mark(element); }
    const inside = (one) => {
      const shadow = rootOfHost.get(one);
      if (shadow) return [...childrenOf(shadow)];
      const given = one instanceof HTMLSlotElement ? one.assignedNodes() : [];
      return given.length > 0 ? given : [...childrenOf(one)];
    };
    const walk = (one, style) => {
      if (one instanceof Text) return style.visibility !== 'visible' ? '' : /^pre|^break/.test(style.whiteSpaceCollapse ?? '') ? one.data : one.data.replace(/\\s+/g, ' ');
      if (!(one instanceof Element) || skipped.test(one.localName)) return '';
      const own = getComputedStyle(one);
      if (own.display === 'none') return '';
      if (one.localName === 'br') return '\\n';
      const isPart = mixed.has(one) || rootOfHost.has(one);
      const text = isPart || own.display === 'contents' ? inside(one).map((child) => walk(child, own)).join('') : one.checkVisibility() ? plain(one) : '';
      return /^(inline|contents|ruby)/.test(own.display) ? text : '\\n' + text + '\\n';
    };
    return walk(start, getComputedStyle(start)).split('\\n').map((line) => line.trim()).join('\\n').replace(/\\n{3,}/g, '\\n\\n').trim();
  };
  /** Of a document that is not HTML: words of a drawing, or all that an XML file says. */
  const foreignText = (start) => {
    if (!(start instanceof SVGElement)) return textContent(start).trim();
    return [...within(document)].filter((one) => one instanceof SVGTextElement || (one instanceof HTMLElement && one.parentElement instanceof SVGElement)).map(plain).join('\\n');
  };
`;
