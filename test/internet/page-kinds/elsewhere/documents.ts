/** Documents in other languages and encodings, and words that stand in no text. */
import { html, type PageKind, script } from '../kind.ts';
import { gap, lazy, page, picture } from './parts.ts';

const bytes = (...parts: (string | Buffer)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
const hex = (text: string) => Buffer.from(text, 'hex');

export const documents: PageKind[] = [
  {
    name: 'fields',
    what: 'words that stand only in fields',
    source: 'gildas-lormeau/SingleFile#1524, gildas-lormeau/SingleFile#1958',
    files: () => ({
      '/': page(
        `<input id=a><textarea id=b></textarea><select><option>one<option selected>chosen words</select><input type=submit value="pressed words"><input placeholder="words as a hint"><div contenteditable>edited words</div><input type=password value="secret words"><input type=hidden value="hidden words">${script("a.value = 'typed words'; b.value = 'long words'")}`,
      ),
    }),
    words: [
      'typed words',
      'long words',
      'chosen words',
      'pressed words',
      'words as a hint',
      'edited words',
    ],
    notWords: ['secret words', 'hidden words'],
  },
  {
    name: 'styled-words',
    what: 'words that stand only in a style',
    source: 'microsoft/playwright#8042',
    files: () => ({
      '/': page(
        '<p class=a></p><p class=b data-w="attribute words"></p><ul><li>item</ul><p class=a style="display:none" data-w=x></p><i class=icon></i>',
        '.a::before{content:"words before"}.b::after{content:"(" attr(data-w) ")"}li::marker{content:"marked words "}.icon::before{content:"\\e900\\e901"}',
      ),
    }),
    words: ['words before', 'attribute words', 'marked words', 'item'],
    notWords: ['\ue900'],
  },
  {
    name: 'imports',
    what: 'a picture four imports deep, in a layer, a container and an `image-set`',
    source: 'gildas-lormeau/SingleFile#1961, gildas-lormeau/SingleFile#1662',
    files: () => ({
      '/': html(
        `${gap}<section><div class=k></div></section>`,
        '<link rel=stylesheet href=/1.css>',
      ),
      '/1.css': { type: 'text/css', body: '@import "2.css" layer(deep);' },
      '/2.css': { type: 'text/css', body: '@import url(3.css) supports(display:grid) screen;' },
      '/3.css': { type: 'text/css', body: '@import "4.css";' },
      '/4.css': {
        type: 'text/css',
        body: 'section{container-type:inline-size;& .k{height:160px}}@container (min-width:200px){.k{background:image-set(url(one.png) 1x,url(two.png) 2x)}}',
      },
      '/one.png': picture('#556b2f', 50, 50),
    }),
    drawn: [['#556b2f', 160]],
    seen: ['/one.png'],
  },
  {
    name: 'encodings',
    what: 'windows-1251 by its meta element, Shift_JIS by its header, a script in UTF-16',
    source: 'webrecorder/browsertrix-crawler#36, webrecorder/wabac.js#218',
    files: () => ({
      '/': {
        type: 'text/html',
        body: bytes(
          '<!doctype html><meta charset=windows-1251><title>t</title><p>',
          hex('cff0e8e2e5f2'),
          '</p><iframe src=/j width=400 height=100></iframe><p id=u></p><script src=/u.js></script>',
        ),
      },
      '/j': { type: 'text/html; charset=shift_jis', body: bytes('<p>', hex('93fa967b'), '</p>') },
      '/u.js': {
        type: 'text/javascript',
        body: bytes(hex('fffe'), Buffer.from("u.textContent = 'żółw'", 'utf16le')),
      },
    }),
    words: ['Привет', '日本', 'żółw'],
  },
  {
    name: 'xslt',
    what: 'an XML document that its own style sheet makes a page of',
    source: 'webcompat/web-bugs#1197',
    files: () => ({
      '/': {
        type: 'application/xml',
        body: '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="/s.xsl"?><r><t>words of XML</t></r>',
      },
      '/s.xsl': (_, answer) => {
        answer.writeHead(200, { 'content-type': 'application/xml' });
        answer.end(
          '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><html><body><h1>made of it</h1><p><xsl:value-of select="r/t"/></p><img src="/x.png"/></body></html></xsl:template></xsl:stylesheet>',
        );
      },
      '/x.png': picture('#483d8b'),
    }),
    words: ['made of it', 'words of XML'],
    // Chromium puts a warning above it.
    drawn: [['#483d8b', 200, 20]],
    seen: ['/x.png'],
  },
  {
    name: 'strict-policy',
    what: 'a page that forbids scripts, and the words of scripts',
    source: 'microsoft/playwright#35972',
    files: () => ({
      '/': (_, answer) => {
        answer.writeHead(200, {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy':
            "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; require-trusted-types-for 'script'; trusted-types 'none'; sandbox allow-scripts",
        });
        answer.end(page(`<h1>guarded words</h1>${gap}${lazy('/c.png')}${gap}`).body);
      },
      '/c.png': picture('#2f4f4f'),
    }),
    words: ['guarded words'],
    drawn: [['#2f4f4f', 200]],
    seen: ['/c.png'],
  },
];
