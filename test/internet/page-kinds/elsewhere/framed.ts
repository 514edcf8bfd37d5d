/** Documents in documents, and in shadow roots. */
import { type PageKind, script } from '../kind.ts';
import { gap, page, picture } from './parts.ts';

export const framed: PageKind[] = [
  {
    name: 'closed-late',
    what: 'an element defined late with a closed shadow root, an adopted style and a slot',
    source: 'gildas-lormeau/SingleFile#518, gildas-lormeau/SingleFile#1636',
    files: () => ({
      '/': page(
        `${gap}<x-k>slotted words</x-k>` +
          script(`setTimeout(() => customElements.define('x-k', class extends HTMLElement { connectedCallback() {
            const root = this.attachShadow({ mode: 'closed' }); const sheet = new CSSStyleSheet();
            sheet.replaceSync('.b{height:150px;background:url(/a.png)}'); root.adoptedStyleSheets = [sheet];
            root.innerHTML = '<p>closed words</p><div class=b></div><img loading=lazy src=/s.png><slot></slot>' } }), 900)`),
      ),
      '/a.png': picture('#6a5acd', 60, 60),
      '/s.png': picture('#cd5c5c'),
    }),
    words: ['closed words', 'slotted words'],
    drawn: [
      ['#6a5acd', 150],
      ['#cd5c5c', 200],
    ],
    seen: ['/a.png', '/s.png'],
    media: ['/a.png', '/s.png'],
  },
  {
    name: 'written-frames',
    what: 'frames written by a script, in an attribute, in one another, in a sandbox, and a bare picture',
    source: 'WebMemex/freeze-dry#25, gildas-lormeau/SingleFile#344',
    files: () => ({
      '/': page(
        `<iframe id=w width=400 height=150></iframe><iframe width=400 height=260 srcdoc="<p>outer words</p><iframe width=350 height=150 srcdoc='<p>inner words</p><img src=/d.png>'></iframe>"></iframe>${gap}<iframe sandbox width=400 height=280 srcdoc="<p>boxed words</p><img loading=lazy src=/b.png>"></iframe><iframe src=/bare.png width=320 height=220></iframe>` +
          script(
            `const inner = w.contentDocument; inner.open(); inner.write('<p>written words</p><img src=/w.png>'); inner.close()`,
          ),
      ),
      '/d.png': picture('#228b22', 300, 60),
      '/w.png': picture('#ff6347', 300, 60),
      '/b.png': picture('#b8860b'),
      '/bare.png': picture('#9932cc'),
    }),
    words: ['outer words', 'inner words', 'boxed words', 'written words'],
    drawn: [
      ['#228b22', 60],
      ['#ff6347', 60],
      ['#b8860b', 200],
      ['#9932cc', 200],
    ],
    seen: ['/d.png', '/w.png', '/b.png', '/bare.png'],
    media: ['/b.png', '/bare.png'],
  },
  {
    name: 'objects',
    what: 'a page as object and as embed, and an object that shows its fallback',
    source: 'gildas-lormeau/SingleFile#1315',
    files: () => ({
      '/': page(
        '<object data=/o type=text/html width=400 height=150></object><object data=/no.png type=image/png><p>fallback words</p><img src=/f.png></object><embed src=/e width=400 height=150>',
      ),
      '/o': page('<p>object words</p>'),
      '/e': page('<p>embedded words</p>'),
      '/f.png': picture('#20b2aa', 300, 100),
    }),
    words: ['object words', 'fallback words', 'embedded words'],
    drawn: [['#20b2aa', 100]],
    seen: ['/f.png'],
  },
];
