/** Pages that show what they have only to somebody who does something there. */
import type { Action } from '../../../src/model/actions.ts';
import { html, type KindFile, script, times } from './kind.ts';

export interface ActedKind {
  name: string;
  files(far: (path: string) => string): Record<string, KindFile>;
  actions: Action[];
  /** Seen only afterwards. */
  brings: string[];
  /** State, reason and clicks of each action. */
  outcomes: [state: string, reason?: string, times?: number][];
  notes?: string[];
}

/** Says so where an event was made by a script, which no person's is. */
const trust = script(
  `for (const kind of ['click', 'wheel', 'mousemove', 'mousedown'])
    addEventListener(kind, (event) => { document.body.dataset[kind] = event.isTrusted; }, true);
  const tell = (words) => document.body.insertAdjacentHTML('beforeend', '<p>' + words + ' ' + document.body.dataset.click + '</p>');`,
);
const start = '<h1>What everybody sees</h1>';

export const actedKinds: ActedKind[] = [
  {
    name: 'clicks on words, and on a selector in a shadow root',
    files: () => ({
      '/': html(
        `${start}<p>If you accept all of it, it opens.</p><button onclick="tell('opened by words')">Accept all</button><div id=host></div>` +
          script(`document.getElementById('host').attachShadow({ mode: 'open' }).innerHTML = '<button class=more>⋯</button>';
            host.shadowRoot.querySelector('.more').onclick = () => tell('opened by selector')`),
        trust,
      ),
    }),
    actions: [
      { do: 'click', text: 'Accept all' },
      { do: 'click', selector: 'button.more' },
    ],
    brings: ['opened by words true', 'opened by selector true'],
    outcomes: [['done'], ['done']],
  },
  {
    name: 'clicks in a frame of another site',
    files: (far) => ({
      '/': html(
        `${start}<div style="height:1500px"></div><iframe src="${far('/frame')}" width=400 height=200></iframe>` +
          script(`addEventListener('message', ({ data }) => tell(data))`),
        trust,
      ),
      '/frame': html(
        `<button onclick="parent.postMessage('asked by the frame ' + event.isTrusted, '*')">Agree</button>`,
      ),
    }),
    actions: [{ do: 'click', text: 'Agree' }],
    brings: ['asked by the frame true'],
    outcomes: [['done']],
  },
  {
    name: 'waits for a selector, for words and for a time',
    files: () => ({
      '/': html(
        `${start}<button onclick="setTimeout(() => { tell('came first'); document.body.insertAdjacentHTML('beforeend', '<i id=late>late</i>') }, 900); setTimeout(tell, 1500, 'came second')">Load</button>`,
        trust,
      ),
    }),
    actions: [
      { do: 'click', text: 'Load' },
      { do: 'wait', selector: '#late' },
      { do: 'wait', text: 'came second' },
      { do: 'wait', ms: 50 },
    ],
    brings: ['came first true', 'came second true'],
    outcomes: [['done'], ['done'], ['done'], ['done']],
  },
  {
    name: 'scrolls to the end of what grows, and back to words',
    files: () => ({
      '/': html(
        `${start}<div id=feed>${times(6, (n) => `<p style="height:300px">row ${n}</p>`)}</div><p id=far>far below</p>` +
          script(`let rows = 6; let armed = false;
            document.addEventListener('keydown', () => {});
            feed.insertAdjacentHTML('beforebegin', '<button>Go on</button>');
            document.querySelector('button').onclick = () => { armed = true };
            addEventListener('wheel', (event) => {
              if (!armed || !event.isTrusted || rows > 9 || scrollY + innerHeight < document.documentElement.scrollHeight - 400) return;
              feed.insertAdjacentHTML('beforeend', '<p style="height:300px">grown row ' + rows++ + '</p>');
            })`),
        trust,
      ),
    }),
    actions: [
      { do: 'click', text: 'Go on' },
      { do: 'scroll', to: 'end' },
      { do: 'scroll', to: 600 },
      { do: 'scroll', to: 'start' },
      { do: 'scroll', text: 'far below' },
    ],
    brings: ['grown row 6', 'grown row 9'],
    outcomes: [['done'], ['done'], ['done'], ['done'], ['done']],
  },
  {
    name: 'expands until there is no more',
    files: () => ({
      '/': html(
        `${start}<p>Show more of it, says a text.</p><ul></ul><button id=more>Show more</button>` +
          script(`let at = 0; more.onclick = async (event) => {
            const words = await (await fetch('/comments/' + at++)).text();
            document.querySelector('ul').insertAdjacentHTML('beforeend', '<li>' + words + ' ' + event.isTrusted);
            if (at === 4) more.remove(); }`),
        trust,
      ),
      ...Object.fromEntries(
        [0, 1, 2, 3].map((n) => [`/comments/${n}`, { type: 'text/plain', body: `comment ${n}` }]),
      ),
    }),
    actions: [{ do: 'expand', text: 'Show more' }],
    brings: ['comment 0 true', 'comment 3 true'],
    outcomes: [['done', undefined, 4]],
  },
  {
    name: 'what is not there, lies under something, is no selector: notes, and the rest is done',
    files: () => ({
      '/': html(
        `${start}<button style="position:absolute;left:9px;top:99px" onclick="tell('never')">Covered</button><div style="position:absolute;inset:90px 0 auto 0;height:60px;background:#ddd"></div>
        <p style="margin-top:160px"><button onclick="tell('the last')">Last</button></p>` +
          script(`Document.prototype.querySelector = () => null; Element.prototype.click = () => tell('fooled');
            Element.prototype.getBoundingClientRect = () => ({ x: 5000, y: 5000, width: 1, height: 1 });
            HTMLElement.prototype.checkVisibility = () => false`),
        trust,
      ),
    }),
    actions: [
      { do: 'click', text: 'Nowhere to be seen', timeoutMs: 500 },
      { do: 'click', text: 'Covered', timeoutMs: 1_500 },
      { do: 'click', selector: 'p[' },
      { do: 'play', timeoutMs: 500 },
      { do: 'click', text: 'Last' },
    ],
    brings: ['the last true'],
    outcomes: [
      ['failed', 'not-found'],
      ['failed', 'not-clickable'],
      ['failed', 'bad-selector'],
      ['failed', 'not-found'],
      ['done'],
    ],
    notes: ['action-failed', 'action-failed', 'action-failed', 'action-failed'],
  },
  {
    name: 'a link leads elsewhere: said, and shown',
    files: (far) => ({
      '/': html(`${start}<a href="${far('/next')}">To the statement</a>`),
      '/next': html('<h1>The statement itself</h1>'),
    }),
    actions: [
      { do: 'click', text: 'To the statement' },
      { do: 'wait', text: 'The statement itself' },
    ],
    brings: ['The statement itself'],
    outcomes: [['done'], ['done']],
    notes: ['led-elsewhere'],
  },
];
