/** Pictures that come in unusual ways, or once only. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import { type KindAnswer, type PageKind, script } from '../kind.ts';
import { flatPng, gap, lazy, page, picture } from './parts.ts';

const sent = (body: Buffer | string, headers: Record<string, string>): KindAnswer => {
  return (_: IncomingMessage, answer: ServerResponse) => {
    answer.writeHead(200, headers).end(body);
  };
};
const coded = (hex: string, encoding: string, encode: (plain: Buffer) => Buffer) =>
  sent(encode(flatPng(hex)), { 'content-type': 'image/png', 'content-encoding': encoding });

const codedColours = ['#611a4f', '#4f611a', '#1a4f61', '#a14f1a'];
const odd = ['#910a0a', '#0a910a', '#0a0a91', '#91910a', '#0a9191'];

/** Its address is good for one request. */
function once(hex: string): KindAnswer {
  let isGone = false;
  return (_, answer) => {
    const status = isGone ? 410 : 200;
    isGone = true;
    answer.writeHead(status, { 'content-type': 'image/png', 'cache-control': 'no-store' });
    answer.end(status === 200 ? flatPng(hex) : '');
  };
}

export const answered: PageKind[] = [
  {
    name: 'given-once',
    what: 'pictures whose addresses are good for one request',
    source: 'webrecorder/browsertrix-crawler#646, webrecorder/browsertrix-crawler#831',
    files: () => ({
      '/': page(`<img src=/o.png>${gap}${lazy('/p.png')}`),
      '/o.png': once('#abc123'),
      '/p.png': once('#123abc'),
    }),
    drawn: [
      ['#abc123', 200],
      ['#123abc', 200],
    ],
    seen: [flatPng('#abc123'), flatPng('#123abc')],
  },
  {
    name: 'new-each-time',
    what: 'one address that a script shows twice as a blob, another picture each time',
    source: 'webrecorder/browsertrix-crawler#736',
    files: () => {
      const turns = ['#3fa9f5', '#f5a93f'];
      return {
        '/': page(
          script(`(async () => { for (let turn = 0; turn < 2; turn += 1) {
            const image = new Image(); image.src = URL.createObjectURL(await (await fetch('/c.png', { cache: 'no-store' })).blob());
            await image.decode(); image.style.display = 'block'; document.body.append(image) } })()`),
        ),
        '/c.png': (_, answer) => {
          answer.writeHead(200, { 'content-type': 'image/png', 'cache-control': 'no-store' });
          answer.end(flatPng(turns.shift() ?? '#000000'));
        },
      };
    },
    drawn: [
      ['#3fa9f5', 200],
      ['#f5a93f', 200],
    ],
    seen: [flatPng('#3fa9f5'), flatPng('#f5a93f')],
  },
  {
    name: 'odd-addresses',
    what: 'pictures at addresses with other letters, `%2F`, brackets, a bar, an empty query',
    source: 'webrecorder/browsertrix-old#42',
    files: () => ({
      '/': page(
        '<img src="/ф ы.png"><img src="/a%2Fb.png"><img src="/[x]|y.png"><img src="/q.png?"><img src="/q.png?a=1&amp;a=2&amp;=">',
        'img{display:block;width:300px;height:50px}',
      ),
      '/%D1%84%20%D1%8B.png': picture('#910a0a'),
      '/a%2Fb.png': picture('#0a910a'),
      '/[x]%7Cy.png': picture('#0a0a91'),
      '/q.png?': picture('#91910a'),
      '/q.png?a=1&a=2&=': picture('#0a9191'),
    }),
    drawn: odd.map((hex) => [hex, 50]),
    seen: odd.map((hex) => flatPng(hex)),
  },
  {
    name: 'coded',
    what: 'pictures in gzip, in bare deflate, in two codings, and in chunks with a trailer after a 103',
    source: 'webrecorder/pywb#2',
    files: () => ({
      '/': page(
        '<img src=/gzip.png><img src=/deflate.png><img src=/two.png><img src=/trailer.png>',
        'img{display:block}',
      ),
      '/gzip.png': coded('#611a4f', 'gzip', (plain) => gzipSync(plain)),
      '/deflate.png': coded('#4f611a', 'deflate', (plain) => deflateRawSync(plain)),
      '/two.png': coded('#1a4f61', 'gzip, br', (plain) => brotliCompressSync(gzipSync(plain))),
      '/trailer.png': (_, answer) => {
        answer.writeEarlyHints({ link: '</gzip.png>; rel=preload; as=image' });
        answer.writeHead(200, { 'content-type': 'image/png', trailer: 'x-sum' });
        const body = flatPng('#a14f1a');
        answer.write(body.subarray(0, 40));
        setTimeout(() => {
          answer.addTrailers({ 'x-sum': '1' });
          answer.end(body.subarray(40));
        }, 300).unref();
      },
    }),
    drawn: codedColours.map((hex) => [hex, 200]),
    seen: codedColours.map((hex) => flatPng(hex)),
  },
];
