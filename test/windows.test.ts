/** Windows that a page opens: what they load is recorded, and what is not is named. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PageVisit } from '../src/visit/visit-page.ts';
import { openPageServer, type Route } from './support/page-server.ts';
import { openRecordingRig, type RecordingRig, type RigOptions } from './support/recording-rig.ts';

let rig: RecordingRig;
beforeAll(async () => {
  rig = await openRecordingRig();
});
afterAll(() => rig?.[Symbol.asyncDispose]());

async function visit(script: string, routes: Record<string, Route> = {}, options: RigOptions = {}) {
  await using server = await openPageServer({
    '/favicon.ico': { status: 204 },
    '/': { body: `<h1>innocent words</h1><script>${script}</script>` },
    ...routes,
  });
  const made = await rig.visit(server.url('/'), { timeoutMs: 20_000, ...options });
  return { made, url: server.url };
}

const window: Record<string, Route> = {
  '/window': { body: '<h1>window</h1><script src=/later.js></script>' },
  '/later.js': { headers: { 'content-type': 'text/javascript' }, body: "fetch('/last.txt')" },
  '/last.txt': { headers: { 'content-type': 'text/plain' }, body: 'the last thing' },
};

async function listOf(made: PageVisit) {
  const list = made.artifacts.find(({ role }) => role === 'exchanges');
  return JSON.parse((await rig.vault.read(list?.sha256 ?? '')).toString('utf8'));
}

describe('a window that a page opens', () => {
  test.each([
    ['by a script', "open('/window')"],
    ['that is told nothing of its opener', "open('/window', '_blank', 'noopener')"],
    [
      'by a link',
      "const a = document.createElement('a'); a.href = '/window'; a.target = 'other'; document.body.append(a); a.click()",
    ],
    [
      'and writes by itself',
      "open().document.write('<h1>window</h1><script src=/later.js></' + 'script>')",
    ],
  ])(
    '%s is recorded like the page',
    async (_, script) => {
      const { made, url } = await visit(script, window);
      expect(made.facts.notKept).toEqual([]);
      for (const path of ['/later.js', '/last.txt']) {
        const found = made.exchanges.filter((one) => one.url === url(path));
        expect(found.map((one) => [path, one.class])).toEqual([[path, 'recorded']]);
      }
      const last = made.exchanges.find((one) => one.url === url('/last.txt'));
      expect(await readFile(last?.response?.body?.path ?? '', 'utf8')).toBe('the last thing');
      expect(await listOf(made)).toMatchObject({ windows: [{ ended: 'loaded' }] });
      expect(made.notes).toMatchObject([{ code: 'pop-up' }]);
    },
    60_000,
  );

  test('and that does not come to an end is closed, and says what it lacks', async () => {
    const { made, url } = await visit("open('/window')", {
      '/window': { body: "<h1>window</h1><script>fetch('/last.txt')</script>" },
      '/last.txt': () => {},
    });
    expect(made.state).toBe('done');
    expect(made.facts.notKept).toEqual([{ url: url('/last.txt'), reason: 'window-closed' }]);
    expect(await listOf(made)).toMatchObject({
      windows: [{ url: url('/window'), ended: 'cut' }],
    });
    expect(made.notes).toContainEqual({
      code: 'pop-up',
      message: `a window was closed before it had loaded: ${url('/window')}`,
    });
  }, 60_000);
});
