/** What a visitor does on a page before the second set of pictures, with a real browser. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Action } from '../src/model/actions.ts';
import { actionsOfHost } from '../src/pipeline/capture/actions-for.ts';
import { readActions } from '../src/pipeline/requests/actions.ts';
import type { PageVisit } from '../src/visit/visit-page.ts';
import { actedKinds } from './internet/page-kinds/acted.ts';
import { html, script } from './internet/page-kinds/kind.ts';
import { makeClip } from './support/clips.ts';
import { openPageServer, type Route } from './support/page-server.ts';
import { openRecordingRig, type RecordingRig, type RigOptions } from './support/recording-rig.ts';

let rig: RecordingRig;
beforeAll(async () => {
  rig = await openRecordingRig();
});
afterAll(() => rig?.[Symbol.asyncDispose]());

async function visit(
  routes: Record<string, Route>,
  actions: Action[],
  options: RigOptions = {},
): Promise<PageVisit> {
  routes['/favicon.ico'] = { status: 204 };
  await using server = await openPageServer(routes);
  const list = { from: 'submission', actions };
  return await rig.visit(server.url('/'), { ...options, settleMs: 300, actions: list });
}

const page = (body: string): Record<string, Route> => ({
  '/': { ...html(body), headers: { 'content-type': 'text/html; charset=utf-8' } },
});
const outcomesOf = ({ facts }: PageVisit) =>
  (facts.actions as { outcomes: Record<string, unknown>[] }).outcomes;
const namesOf = ({ artifacts }: PageVisit) => artifacts.map(({ name }) => name);
const firstSet = ['page/screenshot.viewport.png', 'page/screenshot.full.png'];
const secondSet = firstSet.map((name) => name.replace('page/', 'page/with-actions/'));

describe('a visitor', () => {
  test.concurrent.for(actedKinds)('$name', { timeout: 90_000 }, async (kind) => {
    const routes: Record<string, Route> = { '/favicon.ico': { status: 204 } };
    await using server = await openPageServer(routes);
    const files = kind.files((path) => server.url(path, 'localhost'));
    for (const [path, file] of Object.entries(files)) {
      if (file === 'never') continue;
      const type = file.type ?? 'text/html; charset=utf-8';
      routes[path] = { body: file.body, headers: { 'content-type': type } };
    }
    const list = { from: 'submission', actions: kind.actions };
    const made = await rig.visit(server.url('/'), { settleMs: 300, actions: list });

    expect(outcomesOf(made).map(({ state, reason, times }) => [state, reason, times])).toEqual(
      kind.outcomes.map(([state, reason = null, times = undefined]) => [state, reason, times]),
    );
    expect(made.notes.map(({ code }) => code)).toEqual(kind.notes ?? []);
    expect(made).toMatchObject({ state: 'done', finalUrl: server.url('/') });
    const [before, after] = (made.text ?? '').split('[seen after actions]');
    expect(before).toContain('What everybody sees');
    for (const words of kind.brings) {
      expect(before).not.toContain(words);
      expect(after).toContain(words);
    }
    expect(namesOf(made)).toEqual(expect.arrayContaining([...firstSet, ...secondSet]));
    const labels = made.artifacts
      .filter(({ role }) => role.startsWith('screenshot.'))
      .map(({ name, facts }) => [name.includes('with-actions'), facts?.actions]);
    for (const [isAfter, label] of labels) expect(label).toBe(isAfter ? 'after' : 'before');
    // Whatever the actions loaded is recorded like the rest.
    const asked = made.exchanges.map(({ url }) => url);
    for (const { url } of server.served) expect(asked).toContain(url);
  });

  test.each([
    ['keeps the wheel', `addEventListener('wheel', (e) => e.preventDefault(), { passive: false })`],
    ['goes back by itself', `addEventListener('scroll', () => scrollTo(0, 0))`],
  ])('is not said to have scrolled where the page %s', async (_, code) => {
    const held = page(`<div style="height:6000px">top</div>end${script(code)}`);
    const made = await visit(held, [
      { do: 'scroll', to: 'end' },
      { do: 'scroll', to: 2_000 },
    ]);
    expect(outcomesOf(made).map(({ state, reason }) => [state, reason])).toEqual([
      ['failed', 'not-scrolled'],
      ['failed', 'not-scrolled'],
    ]);
  });

  test('presses play, and what then comes is among the media', async () => {
    const clip = await makeClip(rig.folder, { size: '320x180', seconds: 2 });
    const body = `<h1>Two clips</h1><video controls preload=none src=/first.mp4 width=320 height=180></video>
      <button>Play the second</button>${script(
        `document.querySelector('button').onclick = () => { const two = document.createElement('video'); two.src = '/second.mp4'; document.body.append(two); two.play() }`,
      )}`;
    const video = { body: clip, headers: { 'content-type': 'video/mp4' } };
    const routes = { ...page(body), '/first.mp4': video, '/second.mp4': video };
    const actions: Action[] = [
      { do: 'play', text: 'Play the second', ms: 2_500 },
      { do: 'play', ms: 500 },
    ];
    const made = await visit(routes, actions, { recipe: { collectMedia: true } });
    expect(outcomesOf(made)).toMatchObject([{ state: 'done' }, { state: 'done' }]);
    expect(made.media.map(({ candidates }) => candidates[0]?.url.replace(/^.*\//, ''))).toEqual([
      'first.mp4',
      'second.mp4',
    ]);
  }, 60_000);

  test('whose click brings the page down leaves the first pictures as they are', async () => {
    const made = await visit(
      page('<h1>What everybody sees</h1><button onclick="for (;;) {}">Hang</button>'),
      [
        { do: 'click', text: 'Hang', timeoutMs: 1_000 },
        { do: 'click', text: 'Anything', timeoutMs: 500 },
      ],
      { timeoutMs: 8_000 },
    );
    expect(made).toMatchObject({ state: 'done', reason: null });
    expect(made.notes.map(({ code }) => code)).toContain('acting-ended');
    expect(namesOf(made)).toEqual(expect.arrayContaining([...firstSet, 'page/text.txt']));
    expect(made.text).toContain('What everybody sees');
    expect(outcomesOf(made)).toHaveLength(2);
  }, 90_000);

  test('finds no page to act on: said of every action', async () => {
    const made = await visit({ '/': { status: 404 } }, [{ do: 'click', text: 'Anything' }]);
    expect(made.notes.map(({ code }) => code)).toEqual(['no-page']);
    expect(outcomesOf(made)).toMatchObject([{ state: 'skipped', reason: 'no-page' }]);
  }, 60_000);

  test('who is told to stop, stops, in the middle of an action', async () => {
    const stopping = new AbortController();
    await using server = await openPageServer({
      ...page(`<button onclick="fetch('/clicked')">Begin</button>`),
      '/clicked': (_asked, answer) => {
        answer.end();
        stopping.abort(new Error('told to stop'));
      },
    });
    const actions: Action[] = [
      { do: 'click', text: 'Begin' },
      { do: 'wait', ms: 60_000 },
    ];
    const visiting = rig.visit(server.url('/'), {
      settleMs: 300,
      signal: stopping.signal,
      actions: { from: 'submission', actions },
    });
    await expect(visiting).rejects.toThrow('told to stop');
  }, 60_000);
});

describe('a list of actions', () => {
  test.each<[what: string, json: string, words: RegExp]>([
    ['no JSON', '[{"do":', /steps\.json is not JSON/],
    ['no list', '{"do": "click"}', /expected array/],
    ['nothing in it', '[]', /must have an action/],
    [
      'an action that is none',
      '[{"do":"wait","ms":1},{"do":"hover"}]',
      /entry 2: .*do must be click, wait/,
    ],
    ['nothing to click on', '[{"do":"click"}]', /entry 1: click needs selector or text/],
    ['two things at once', '[{"do":"wait","ms":1,"text":"a"}]', /entry 1: wait takes only one of/],
    ['a misspelt member', '[{"do":"click","selektor":"a"}]', /entry 1: .*selektor/],
    ['too often', '[{"do":"expand","text":"a","most":1000}]', /entry 1: most: /],
    ['too long', `[${Array(31).fill('{"do":"wait","ms":1}').join()}]`, /may have 30 actions/],
  ])('with %s is refused, with the entry named', (_what, json, words) => {
    expect(() => readActions('steps.json', json)).toThrow(words);
    expect(() => readActions('steps.json', json)).toThrow(
      expect.objectContaining({ code: 'bad-steps' }),
    );
  });
});

test('for a host the nearest file counts; one that can’t be read is said and stops nothing', async () => {
  const folder = mkdtempSync(join(rig.folder, 'steps-'));
  writeFileSync(join(folder, 'news.example.json'), '[{"do":"wait","ms":1}]');
  writeFileSync(join(folder, 'live.news.example.json'), '[{"do":"wait"}]');
  const of = (hostname: string) => actionsOfHost(folder, hostname);
  const list = { from: 'news.example', actions: [{ do: 'wait', ms: 1 }] };
  expect(await of('www.news.example')).toEqual({ list, fault: null });
  expect(await of('live.news.example')).toEqual({
    list: null,
    fault: 'steps/live.news.example.json: entry 1: wait needs selector, text or ms',
  });
  for (const other of ['news.example.org', 'example', '..', '127.0.0.1', 'a/../news.example'])
    expect(await of(other)).toEqual({ list: null, fault: null });
});
