/**
 * Captured HTML to look at: without what runs, loads or leads anywhere. The frame it is shown in
 * forbids all of that too; this is for what a policy does not reach, such as preconnecting.
 */
import { parse, serialize, type DefaultTreeAdapterTypes as Tree } from 'parse5';

/** Elements that go, with everything in them. */
const gone = new Set([
  ...['script', 'link', 'base', 'iframe', 'frame', 'frameset', 'object', 'embed', 'applet'],
  // What a parser without scripts reads as markup, and this one as text.
  ...['noscript', 'noembed', 'noframes', 'xmp', 'plaintext'],
  ...['portal', 'meta', 'template', 'audio', 'video', 'source', 'track', 'foreignobject'],
]);

/** Attributes that stay; what could name an address or run is not among them. */
const kept = new Set([
  ...['alt', 'class', 'colspan', 'dir', 'id', 'lang', 'rowspan', 'style', 'title', 'width'],
  ...['height', 'align', 'valign', 'bgcolor', 'color', 'size', 'type', 'value', 'disabled'],
  ...['checked', 'hidden', 'open', 'start', 'datetime', 'role', 'viewbox', 'd', 'fill'],
]);

export function quietHtml(text: string): string {
  const document = parse(text);
  quieten(document);
  return serialize(document);
}

function quieten(node: Tree.ParentNode): void {
  node.childNodes = node.childNodes.filter((child) => !gone.has(nameOf(child)));
  for (const child of node.childNodes) {
    if ('attrs' in child) {
      const isPicture = child.tagName === 'img';
      child.attrs = child.attrs.filter(
        ({ name, value }) =>
          kept.has(name.toLowerCase()) ||
          (isPicture && name === 'src' && /^data:image\/(?!svg)/i.test(value)),
      );
      for (const attribute of child.attrs)
        if (attribute.name === 'style') attribute.value = quietStyle(attribute.value);
    }
    if ('value' in child && node.nodeName === 'style') child.value = quietStyle(child.value);
    if ('childNodes' in child) quieten(child);
  }
}

/** Where a style names an address, or brings another sheet in. */
function quietStyle(text: string): string {
  return text
    .replace(/@import[^;]*;?/gi, '')
    .replace(/\burl\(\s*(["']?)(?!data:)[^)]*\)/gi, 'none')
    .replace(/\b(?:-webkit-)?image-set\([^)]*\)/gi, 'none');
}

function nameOf(node: Tree.ChildNode): string {
  return node.nodeName.toLowerCase();
}
