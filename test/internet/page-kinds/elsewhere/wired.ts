/** Pages whose answers come in unusual ways, or never end. */
import { type PageKind, script } from '../kind.ts';
import { flatPng, gap, lazy, page, picture } from './parts.ts';

export const wired: PageKind[] = [
  {
    name: 'events',
    what: 'words and a picture that come as events of a stream without end',
    source: 'getsentry/sentry#117897',
    files: () => ({
      '/': page(
        `<div id=all></div>${script("new EventSource('/ev').onmessage = ({ data }) => all.insertAdjacentHTML('beforeend', data)")}`,
      ),
      '/ev': (_, answer) => {
        answer.writeHead(200, { 'content-type': 'text/event-stream' });
        answer.write('data: <p>the first event</p>\n\n');
        const late = 'data: <p>the second event</p><img src=/e.png>\n\n';
        setTimeout(() => answer.write(late), 1_500).unref();
      },
      '/e.png': picture('#905030'),
    }),
    words: ['the first event', 'the second event'],
    drawn: [['#905030', 200]],
    seen: ['/e.png'],
    limits: { settleMs: 2_000 },
  },
  {
    name: 'camera',
    what: 'a camera: one picture whose answer never ends, so that the page never is loaded',
    source: 'nerves-web-kiosk/webengine_kiosk#11, framework/the-framework#818',
    files: () => ({
      '/': page(`<img src=/cam width=300 height=200>${gap}${lazy('/after.png')}<p>below</p>`),
      '/cam': (_, answer) => {
        answer.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=next' });
        const frame = flatPng('#703050');
        const send = () => {
          answer.write(`--next\r\ncontent-type: image/png\r\n\r\n`);
          answer.write(frame);
          answer.write('\r\n');
        };
        send();
        const timer = setInterval(send, 400);
        answer.once('close', () => clearInterval(timer));
      },
      '/after.png': picture('#307050'),
    }),
    words: ['below'],
    drawn: [
      ['#703050', 200],
      ['#307050', 200],
    ],
    seen: ['/after.png'],
  },
  {
    name: 'read-as-it-comes',
    what: 'lines that a script reads from an answer that stays open',
    source: 'webrecorder/browsertrix-crawler#975',
    files: () => ({
      '/': page(
        `<div id=all></div>${script("(async () => { const lines = (await fetch('/s')).body.pipeThrough(new TextDecoderStream()).getReader(); for (;;) { const { value, done } = await lines.read(); if (done) break; all.insertAdjacentHTML('beforeend', value) } })()")}`,
      ),
      '/s': (_, answer) => {
        answer.writeHead(200, { 'content-type': 'text/plain' });
        let line = 0;
        const timer = setInterval(() => {
          answer.write(`<p>streamed line ${line++}</p>`);
          if (line > 3) clearInterval(timer);
        }, 300);
        answer.once('close', () => clearInterval(timer));
      },
    }),
    words: ['streamed line 0', 'streamed line 3'],
  },
];
