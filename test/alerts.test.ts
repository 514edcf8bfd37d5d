/** Alerts: what is said to whom, when, and what happens when nobody answers. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  acknowledge,
  alertById,
  attemptsOfAlert,
  channelsOff,
  recentAlerts,
  redeliver,
  type ToldEvent,
} from '../src/catalog/alerts.ts';
import { insertEvents } from '../src/catalog/events.ts';
import { beat } from '../src/catalog/heartbeats.ts';
import type { HttpClient, HttpRequest } from '../src/egress/egress.ts';
import type { EventKind } from '../src/model/event-kinds.ts';
import { notify } from '../src/pipeline/watching/notify.ts';
import { atomFeed } from '../src/watch/alerts/atom.ts';
import { readChannels } from '../src/watch/alerts/channels.ts';
import { checkChannel, sendMessage } from '../src/watch/alerts/send.ts';
import { dueFor, retryWaitMs } from '../src/watch/alerts/when.ts';
import { composeMessage } from '../src/watch/alerts/wording.ts';
import { type Answer, redirect, type SiteRequest } from './internet/answer.ts';
import { type TestHoldfast, testHoldfast } from './support/holdfast.ts';
import { fc } from './support/property.ts';

const secret = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`;
const hook = 'https://hooks.example.net/';
const never = new AbortController().signal;
const hour = 3_600_000;

let held: TestHoldfast;
let folder: string;
let received: SiteRequest[];
/** Status that each path answers; 200 where nothing is said. */
const answers: Record<string, number> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-alerts-'));
  held = await testHoldfast({
    backend: 'postgres',
    variables: { HOLDFAST_ALERTS: join(folder, 'alerts.json'), HOLDFAST_STORAGE_LOW_BYTES: '1' },
  });
  received = [];
  for (const name of ['webhook', 'ntfy', 'slack', 'discord', 'gone', 'angry', 'late', 'redirect']) {
    held.internet.world.addPage(`${hook}${name}`, { handler: (request) => answer(name, request) });
  }
});

afterAll(async () => {
  await held?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function answer(name: string, request: SiteRequest): Answer {
  received.push(request);
  const status = answers[name] ?? 200;
  return status === 302 ? redirect(hook, 302) : { status, body: 'ok' };
}

/** Writes the channels down, starts with an empty list of what was received. */
async function channels(...list: Record<string, unknown>[]): Promise<void> {
  received = [];
  await writeFile(join(folder, 'alerts.json'), JSON.stringify({ channels: list }));
}

async function happens(kind: EventKind, detail: Record<string, unknown> = {}): Promise<void> {
  const at = new Date();
  await insertEvents(held.app.parts.database, null, [
    { kind, sourceKey: 'x:status:1227600745067446272', detail, at },
  ]);
}

const sweep = (now = new Date()) => notify(held.app.parts, now, never);
const latest = async () => {
  const [alert] = await recentAlerts(held.app.parts.database, 1);
  if (alert === undefined) throw new Error('no alert was made');
  return alert;
};

describe('a channel', () => {
  test('of webhooks gets a message that its holder can check, and which tells least', async () => {
    await channels({ name: 'desk', kind: 'webhook', url: `${hook}webhook`, secret });
    await happens('removed', { text: 'a secret text' });
    await sweep();
    const [request] = received;
    const headers = request?.headers as Record<string, string>;
    const body = request?.body.toString() ?? '';
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'holdfast.alert' });
    expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow();
    expect(body).not.toContain('1227600745067446272');
    expect(body).not.toContain('a secret text');
    const alert = await latest();
    expect(alert).toMatchObject({ channel: 'desk', state: 'delivered', attempts: 1 });
    expect(headers['webhook-id']).toBe(`${alert.id}.1`);
  });

  test('that may know the source or the text is told of it', async () => {
    await channels(
      { name: 'who', kind: 'ntfy', url: `${hook}ntfy`, token: 'tk', disclose: 'source' },
      { name: 'what', kind: 'slack', url: `${hook}slack`, disclose: 'text' },
      { name: 'also', kind: 'discord', url: `${hook}discord` },
    );
    await happens('changed', { text: '<!channel> & @everyone' });
    await sweep();
    const bodies = Object.fromEntries(
      received.map(({ url, body }) => [url.pathname.slice(1), body.toString()]),
    );
    expect(bodies.ntfy).toContain('x:status:1227600745067446272: changed');
    expect(bodies.ntfy).not.toContain('channel>');
    expect(bodies.slack).toContain('&lt;!channel&gt; &amp; @everyone');
    expect(JSON.parse(bodies.slack ?? '')).toMatchObject({
      unfurl_links: false,
      unfurl_media: false,
    });
    expect(JSON.parse(bodies.discord ?? '')).toMatchObject({
      allowed_mentions: { parse: [] },
      flags: 4,
    });
    expect(received.find(({ url }) => url.pathname === '/ntfy')?.headers.authorization).toBe(
      'Bearer tk',
    );
  });

  test('of Matrix gets a message under an id that makes a repeat appear once', async () => {
    const asked: HttpRequest[] = [];
    const client: HttpClient = {
      request: async (request) => {
        asked.push(request);
        const body = Readable.from([]);
        return {
          url: request.url,
          status: 200,
          headers: [],
          sentHeaders: [],
          tls: null,
          remoteAddress: null,
          body,
        };
      },
    };
    await channels({
      name: 'room',
      kind: 'matrix',
      url: 'https://matrix.example.net',
      room: '!r/../m:example.net',
      token: 'tk',
    });
    const [channel] = await readChannels(join(folder, 'alerts.json'));
    const message = composeMessage({ id: 'a', telling: 2 }, [], { disclose: 'nothing' }, 'live');
    if (channel !== undefined) await sendMessage(client, channel, message, 'live', never);
    expect(asked[0]).toMatchObject({
      method: 'PUT',
      url: 'https://matrix.example.net/_matrix/client/v3/rooms/!r%2F..%2Fm%3Aexample.net/send/m.room.message/a.2',
      headers: { authorization: 'Bearer tk' },
    });
    expect(JSON.parse(String(asked[0]?.body))).toMatchObject({ 'm.mentions': {} });
  });

  test('of e-mail is reached through a real mail server', async () => {
    const mails: string[] = [];
    const server = new SMTPServer({
      authOptional: true,
      onData: (stream, _session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          mails.push(Buffer.concat(chunks).toString());
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await writeFile(join(folder, 'smtp'), `smtp://127.0.0.1:${port}\n`);
    await channels({
      name: 'post',
      kind: 'email',
      smtp: { file: join(folder, 'smtp') },
      from: 'archive@example.net',
      to: ['desk@example.net'],
    });
    await happens('restored');
    await sweep();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatch(/Subject: Holdfast: 1 back again/);
    expect(await latest()).toMatchObject({ channel: 'post', state: 'delivered' });
  });

  test('that fails is tried again later, each try is written down, and somebody may ask for one more', async () => {
    answers.angry = 503;
    await channels({ name: 'angry', kind: 'webhook', url: `${hook}angry`, secret });
    await happens('removed');
    await sweep();
    const alert = await latest();
    expect(alert).toMatchObject({ state: 'waiting', attempts: 1 });
    expect(alert.dueAt.getTime()).toBeGreaterThan(Date.now() + 25_000);
    await sweep(new Date(Date.now() + 40_000));
    answers.angry = 200;
    await redeliver(held.app.parts.database, alert.id, new Date());
    await sweep();
    const tries = await attemptsOfAlert(held.app.parts.database, alert.id);
    expect(tries.map(({ httpStatus }) => httpStatus)).toEqual([503, 503, 200]);
    const ids = received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(1);
    expect(await alertById(held.app.parts.database, alert.id)).toMatchObject({
      state: 'delivered',
    });
  });

  test('that says it is gone is not called again', async () => {
    answers.gone = 410;
    await channels({ name: 'gone', kind: 'webhook', url: `${hook}gone`, secret });
    await happens('removed');
    await sweep();
    await happens('removed');
    await sweep();
    expect(received).toHaveLength(1);
    expect((await channelsOff(held.app.parts.database)).get('gone')).toContain('410');
  });

  test('on a private address is not reached, and a redirect is not followed', async () => {
    answers.redirect = 302;
    await channels(
      { name: 'inside', kind: 'ntfy', url: 'http://127.0.0.1:9/topic' },
      { name: 'moved', kind: 'webhook', url: `${hook}redirect`, secret },
    );
    await happens('removed');
    await sweep();
    const made = await recentAlerts(held.app.parts.database, 2);
    const reasons = await Promise.all(
      made.map(async ({ id }) => (await attemptsOfAlert(held.app.parts.database, id))[0]?.reason),
    );
    expect(reasons.sort()).toEqual(['address-refused', 'status-302']);
    expect(received).toHaveLength(1);
  });
});

describe('the sweep', () => {
  test('gathers a storm into one message', async () => {
    await channels({
      name: 'calm',
      kind: 'webhook',
      url: `${hook}webhook`,
      secret,
      atMost: { messages: 2, per: '1h' },
    });
    for (let count = 0; count < 6; count += 1) {
      await happens('suspect');
      await sweep();
    }
    expect(received).toHaveLength(2);
    const gathered = await latest();
    expect(gathered).toMatchObject({ gathers: true, state: 'waiting' });
    expect(gathered.eventIds).toHaveLength(4);
    await sweep(new Date(Date.now() + 2 * hour));
    expect(received).toHaveLength(3);
    expect(received[2]?.body.toString()).toContain('4 missed once, not confirmed');
  });

  test('tells again until somebody takes note', async () => {
    await channels({
      name: 'insists',
      kind: 'webhook',
      url: `${hook}webhook`,
      secret,
      repeatEvery: '6h',
    });
    await happens('removed');
    await sweep();
    await sweep(new Date(Date.now() + 7 * hour));
    expect(received).toHaveLength(2);
    expect(received[1]?.body.toString()).toContain('told 2 times and not acknowledged');
    const { eventIds } = await latest();
    const by = 'somebody on duty';
    const { database } = held.app.parts;
    expect(await acknowledge(database, eventIds, by, null, new Date())).toEqual(eventIds);
    expect(await acknowledge(database, eventIds, 'another', null, new Date())).toEqual([]);
    await sweep(new Date(Date.now() + 14 * hour));
    expect(received).toHaveLength(2);
    expect(await latest()).toMatchObject({ state: 'needless' });
  });

  test('run by several at once tells nothing twice', async () => {
    await channels({ name: 'once', kind: 'webhook', url: `${hook}webhook`, secret });
    for (let count = 0; count < 30; count += 1) await happens('changed');
    await Promise.all([sweep(), sweep(), sweep(), sweep()]);
    await sweep();
    const told = received.flatMap(
      ({ body }) => JSON.parse(body.toString()).data.events as { id: string }[],
    );
    expect(told).toHaveLength(30);
    expect(new Set(told.map(({ id }) => id)).size).toBe(30);
  });

  test('tells of a worker that fell silent, once', async () => {
    await channels({ name: 'ops', kind: 'webhook', url: `${hook}webhook`, secret });
    const id = '0190a000-0000-7000-8000-000000000001';
    const { database } = held.app.parts;
    await beat(database, { id, host: 'far.example', processId: 7, startedAt: new Date() });
    await database.query(
      `update worker_heartbeats set seen_at = now() - interval '10 minutes' where worker_id = $1`,
      [id],
    );
    await sweep();
    await sweep();
    expect(received).toHaveLength(1);
    expect(received[0]?.body.toString()).toContain('a worker fell silent');
  });
});

describe('when', () => {
  const habits = {
    digest: 'none' as const,
    digestAt: '08:00',
    timeZone: 'Europe/Paris',
    quiet: null,
    atMost: { messages: 20, per: hour },
  };

  test('quiet hours, digests and storms put a message off, nothing else does', () => {
    const night = new Date('2026-01-10T02:00:00Z');
    expect(dueFor(habits, 0, night)).toEqual({ at: night, gathers: false });
    expect(dueFor({ ...habits, quiet: '22:00-07:00' }, 0, night)).toEqual({
      at: new Date('2026-01-10T06:00:00Z'),
      gathers: true,
    });
    expect(dueFor({ ...habits, digest: 'daily' }, 0, night).at).toEqual(
      new Date('2026-01-10T07:00:00Z'),
    );
    expect(dueFor({ ...habits, digest: 'hourly' }, 0, night).at).toEqual(
      new Date('2026-01-10T03:00:00Z'),
    );
    expect(dueFor(habits, 20, night)).toEqual({
      at: new Date(night.getTime() + hour),
      gathers: true,
    });
  });

  test('waits grow to a day, then nobody tries again', () => {
    const waits = Array.from({ length: 7 }, (_, index) => retryWaitMs(index + 1, 0));
    expect(waits).toEqual([30_000, 300_000, hour / 2, 2 * hour, 8 * hour, 24 * hour, null]);
  });
});

describe('words', () => {
  const event = (detail: Record<string, unknown>, sourceKey: string): ToldEvent => ({
    id: '0190a000-0000-7000-8000-000000000002',
    kind: 'removed',
    sourceKey,
    captureId: null,
    detail,
    at: new Date(0),
    cases: [],
  });

  test('of a demonstration say so', () => {
    const alert = { id: 'a', telling: 1 };
    const made = composeMessage(alert, [event({}, 'x:status:1')], { disclose: 'nothing' }, 'demo');
    expect(made.title).toMatch(/^\[demonstration\]/);
  });

  test('hold no line separators and no marks of direction', () => {
    const told = event({}, 'web:a\u2028b\u2029c\u061cd');
    const made = composeMessage({ id: 'a', telling: 1 }, [told], { disclose: 'source' }, 'live');
    expect(made.text).toContain('web:a b c d: removed');
  });

  test('that were captured break out of no line and no feed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, source) => {
        const told = event({ text }, source);
        const made = composeMessage({ id: 'a', telling: 1 }, [told], { disclose: 'text' }, 'live');
        expect(made.text.split('\n')).toHaveLength(2);
        const feed = atomFeed([told], {
          caseName: text,
          environment: 'live',
          catalogId: '0',
          updatedAt: new Date(0),
        });
        expect(feed.match(/</g)).toHaveLength(24);
      }),
    );
  });

  test.each([
    ['[]', 'must be an object such as { "channels": [] }'],
    ['null', 'must be an object such as { "channels": [] }'],
    ['{"channels":[1]}', 'channels.0: must be an object whose kind is webhook'],
    [
      '{"channels":[{"kind":"pigeon"}]}',
      'channels.0.kind: must be an object whose kind is webhook',
    ],
    ['{', 'is not JSON'],
  ])('of a file of channels that holds %s say what it must hold', async (text, words) => {
    await writeFile(join(folder, 'alerts.json'), text);
    await expect(readChannels(join(folder, 'alerts.json'))).rejects.toMatchObject({
      code: 'config-invalid',
      exitCode: 7,
      message: expect.stringContaining(`alerts.json: ${words}`),
    });
  });

  test('a secret that can not be one is told by name, and its tries fail with that reason', async () => {
    await writeFile(join(folder, 'empty'), '\n');
    await writeFile(join(folder, 'words'), 'not an address');
    const mail = { kind: 'email', from: 'a@example.net', to: ['b@example.net'] };
    await channels(
      { name: 'desk', kind: 'webhook', url: `${hook}webhook`, secret: 'not base64!' },
      {
        name: 'void',
        kind: 'webhook',
        url: `${hook}webhook`,
        secret: { file: join(folder, 'empty') },
      },
      { name: 'gone', kind: 'ntfy', url: `${hook}ntfy`, token: { file: join(folder, 'absent') } },
      { name: 'post', ...mail, smtp: { file: join(folder, 'words') } },
    );
    for (const channel of await readChannels(join(folder, 'alerts.json'))) {
      await expect(checkChannel(channel), channel.name).rejects.toMatchObject({
        code: 'config-invalid',
        message: expect.stringMatching(
          /channel desk is not in base64|empty is empty|absent can't be read|smtp of the channel post must look like/,
        ),
      });
      const message = composeMessage({ id: 'a', telling: 1 }, [], { disclose: 'nothing' }, 'live');
      const { client } = held.app.parts.egress;
      expect(await sendMessage(client, channel, message, 'live', never)).toMatchObject({
        delivered: false,
        reason: 'config-invalid',
      });
    }
  });

  test('of a file of channels that is wrong name every place', async () => {
    await channels(
      { name: 'Bad Name', kind: 'webhook', url: 'file:///etc/passwd', secret },
      { name: 'x', kind: 'pigeon' },
    );
    const problem = await readChannels(join(folder, 'alerts.json')).catch((error) => error);
    expect(problem.problems.join('\n')).toMatch(
      /channels\.0\.name[\s\S]*channels\.0\.url[\s\S]*channels\.1\.kind/,
    );
  });
});
