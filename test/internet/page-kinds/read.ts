/** Pages of which a reader of documents easily misses something. */
import { pdf } from '../small-files.ts';
import { html, type PageKind, script } from './kind.ts';

const define = (name: string, mode: string, inner: string) =>
  script(
    `customElements.define('${name}', class extends HTMLElement { constructor() { super(); this.attachShadow({ mode: '${mode}' }).innerHTML = ${JSON.stringify(inner)} } })`,
  );

const order = (words: string) => ({ type: 'application/pdf', body: pdf('Order', [words]) });

export const read: PageKind[] = [
  {
    name: 'shadow-open',
    what: 'an open shadow root with a slot',
    files: () => ({
      '/': html(
        `<h1>outside</h1><a-card><b slot=name>slotted words</b></a-card><p>after it</p>${define('a-card', 'open', '<p>in the shade, <slot name=name></slot></p><style>p{color:#333}</style>')}`,
      ),
    }),
    words: ['outside', 'in the shade, slotted words', 'after it'],
    notWords: ['color:#333'],
    markup: ['<template shadowrootmode="open"><p>in the shade, '],
  },
  {
    name: 'shadow-closed',
    what: 'a closed shadow root, one inside another',
    files: () => ({
      '/': html(
        `<a-box></a-box>${define('a-inner', 'closed', '<p>deep in the shade</p>')}${define('a-box', 'closed', '<p>closed in</p><a-inner></a-inner>')}`,
      ),
    }),
    words: ['closed in', 'deep in the shade'],
    markup: ['<template shadowrootmode="closed"><p>closed in</p>', '<p>deep in the shade</p>'],
  },
  {
    name: 'shadow-declared',
    what: 'a declarative shadow root',
    files: () => ({
      '/': html('<div><template shadowrootmode=open><p>declared words</p></template></div>'),
    }),
    words: ['declared words'],
    markup: ['<template shadowrootmode="open"><p>declared words</p></template>'],
  },
  {
    name: 'frames',
    what: 'frames of this and another site, written by scripts, with shadow roots',
    files: (far) => ({
      '/': html(
        `<p>around</p><iframe src="/near"></iframe><iframe src="${far('/far')}"></iframe><iframe srcdoc="<p>written in place</p>"></iframe>`,
      ),
      '/near': html(
        `<div id=host></div>${script("host.attachShadow({ mode: 'closed' }).innerHTML = '<p>closed, nearby</p>'")}`,
      ),
      '/far': html(
        `<div id=host></div>${script("host.attachShadow({ mode: 'closed' }).innerHTML = '<p>closed, far away</p>'")}`,
      ),
    }),
    words: ['around', 'closed, nearby', 'closed, far away', 'written in place'],
    markup: ['<p>closed, nearby</p>', '<p>closed, far away</p>', '<p>written in place</p>'],
  },
  {
    name: 'hidden-frame',
    what: 'a frame that nobody sees',
    files: (far) => ({
      '/': html(`<p>seen</p><iframe src="${far('/hidden')}" style="display:none"></iframe>`),
      '/hidden': html('<p>tracking words</p>'),
    }),
    words: ['seen'],
    notWords: ['tracking words'],
  },
  {
    name: 'pdf-inside',
    what: 'a PDF in a frame, one as an object, and one that a script fetched',
    files: () => ({
      '/': html(
        `<h1>words around it</h1><iframe src=/framed width=600 height=300></iframe><object data=/object.pdf type=application/pdf width=600 height=300></object>${script("fetch('/fetched').then((answer) => answer.arrayBuffer())")}`,
      ),
      '/framed': order('words of a court'),
      '/object.pdf': order('other words'),
      '/fetched': order('words that are drawn by a script'),
    }),
    words: ['words around it'],
    seen: ['/framed', '/object.pdf', '/fetched'],
    media: ['/framed', '/object.pdf', '/fetched'],
    notes: ['not-drawn'],
  },
];
