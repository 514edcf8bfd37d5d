/** Sends one message to one channel, in that channel's own form. Never throws for what a receiver does. */
import { Webhook } from 'standardwebhooks';
import { ConfigError, errorCode } from '../../base/errors.ts';
import type { HttpClient, HttpRequest } from '../../egress/egress.ts';
import { retryAfterMs } from '../../egress/pace.ts';
import type { Environment } from '../../model/capture-record.ts';
import { type Channel, type ChannelOf, secretOf } from './channels.ts';
import { mailServerOf, sendMail } from './mail.ts';
import type { Message } from './wording.ts';

export interface Delivery {
  delivered: boolean;
  /** Null where no answer came, and for e-mail. */
  httpStatus: number | null;
  /** Stable code; null when delivered. */
  reason: string | null;
  /** The receiver asks for so much patience. */
  waitMs: number | null;
  /** The receiver says that it is no more (410): it isn't called again. */
  off: boolean;
}

const timeoutMs = 20_000;

export async function sendMessage(
  client: HttpClient,
  channel: Channel,
  message: Message,
  environment: Environment,
  signal: AbortSignal,
): Promise<Delivery> {
  try {
    if (channel.kind === 'email') {
      await sendMail(channel, message, signal);
      return { delivered: true, httpStatus: null, reason: null, waitMs: null, off: false };
    }
    const request = await requestFor(channel, message, environment);
    return await deliver(client, { ...request, signal, timeoutMs });
  } catch (error) {
    signal.throwIfAborted();
    return failed(errorCode(error));
  }
}

async function deliver(client: HttpClient, request: HttpRequest): Promise<Delivery> {
  const answer = await client.request(request);
  answer.body.on('error', () => {}).destroy();
  const { status } = answer;
  if (status >= 200 && status < 300)
    return { delivered: true, httpStatus: status, reason: null, waitMs: null, off: false };
  // A redirect is not followed: the address that was agreed on is the address.
  return {
    ...failed(status === 410 ? 'gone' : `status-${status}`),
    httpStatus: status,
    waitMs: retryAfterMs(answer.headers, new Date()),
    off: status === 410,
  };
}

function failed(reason: string): Delivery {
  return { delivered: false, httpStatus: null, reason, waitMs: null, off: false };
}

type Outgoing = Pick<HttpRequest, 'url' | 'method' | 'headers' | 'body'>;
type HttpChannel = Exclude<Channel, { kind: 'email' }>;

async function requestFor(
  channel: HttpChannel,
  message: Message,
  environment: Environment,
): Promise<Outgoing> {
  switch (channel.kind) {
    case 'webhook':
      return webhook(channel, message, environment);
    case 'ntfy':
      return ntfy(channel, message);
    case 'slack':
      // A preview would fetch what a source links to, from a server that tells its owner.
      return json(await addressOf(channel.url), {
        text: forSlack(message),
        unfurl_links: false,
        unfurl_media: false,
      });
    case 'discord':
      // No text of ours may call anybody by a mention.
      return json(await addressOf(channel.url), {
        content: `${message.title}\n${message.text}`.slice(0, 1_900),
        allowed_mentions: { parse: [] },
        flags: withoutPreviews,
      });
    case 'matrix':
      return matrix(channel, message);
  }
}

/**
 * Whether a message could be made for it, without sending one.
 * @throws ConfigError where a secret can't be read, or is none of its kind
 */
export async function checkChannel(channel: Channel): Promise<void> {
  if (channel.kind === 'email') await mailServerOf(channel);
  else await requestFor(channel, noMessage, 'live');
}

const noMessage: Message = { alertId: '', telling: 1, title: '', text: '', events: [] };

/** Standard Webhooks: the receiver checks the signature over id, time and body, and drops repeats by id. */
async function webhook(
  channel: ChannelOf<'webhook'>,
  message: Message,
  environment: Environment,
): Promise<Outgoing> {
  const now = new Date();
  const id = `${message.alertId}.${message.telling}`;
  const body = JSON.stringify({
    type: 'holdfast.alert',
    timestamp: now.toISOString(),
    data: { schema: 'holdfast.alert/1', environment, ...message },
  });
  const signature = signerOf(channel.name, await secretOf(channel.secret)).sign(id, now, body);
  return {
    url: channel.url,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': signature,
    },
    body,
  };
}

function signerOf(name: string, secret: string): Webhook {
  try {
    return new Webhook(secret);
  } catch {
    throw new ConfigError([
      `the secret of the channel ${name} is not in base64: take the one that the receiver shows (whsec_…), or make one with openssl rand -base64 32 and give it to both`,
    ]);
  }
}

async function ntfy(channel: ChannelOf<'ntfy'>, message: Message): Promise<Outgoing> {
  const urgent = message.events.some(({ kind }) => kind === 'removed' || kind === 'verify.failed');
  const headers: Record<string, string> = {
    title: message.title.replace(/[^\x20-\x7e]/g, '?'),
    priority: urgent ? 'high' : 'default',
  };
  if (channel.token !== null) headers.authorization = `Bearer ${await secretOf(channel.token)}`;
  return { url: channel.url, method: 'POST', headers, body: message.text };
}

async function matrix(channel: ChannelOf<'matrix'>, message: Message): Promise<Outgoing> {
  const room = encodeURIComponent(channel.room);
  // The transaction id makes a message that is sent twice appear once.
  const transaction = encodeURIComponent(`${message.alertId}.${message.telling}`);
  const path = `/_matrix/client/v3/rooms/${room}/send/m.room.message/${transaction}`;
  return {
    ...json(new URL(path, channel.url).href, {
      msgtype: 'm.text',
      // Nobody is meant by name, whatever the words look like.
      'm.mentions': {},
      body: `${message.title}\n${message.text}`,
    }),
    method: 'PUT',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await secretOf(channel.token)}`,
    },
  };
}

/** SUPPRESS_EMBEDS, see Discord's message flags. */
const withoutPreviews = 4;

/** Slack reads `<…>` as links and mentions, so nothing of it may come from outside. */
function forSlack({ title, text }: Message): string {
  return `*${title}*\n${text}`
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

function json(url: string, body: unknown): Outgoing {
  const headers = { 'content-type': 'application/json' };
  return { url, method: 'POST', headers, body: JSON.stringify(body) };
}

/** Addresses of Slack and Discord are secrets themselves. */
function addressOf(url: string | { file: string }): Promise<string> {
  return secretOf(url);
}
