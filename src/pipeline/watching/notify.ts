/** The sweep that tells people: events become messages, messages are sent, troubles of our own become events. */
import { statfs } from 'node:fs/promises';
import { uuidv7 } from 'uuidv7';
import {
  type AlertRow,
  alertsMadeSince,
  channelsOff,
  claimDueAlert,
  endAlert,
  eventsById,
  insertAlert,
  joinGathering,
  recordAttempt,
  switchChannelOff,
  type ToldEvent,
  takeInbox,
  unacknowledged,
} from '../../catalog/alerts.ts';
import type { Queryable } from '../../catalog/database.ts';
import { lastEventAt } from '../../catalog/events.ts';
import { takeSilentWorkers } from '../../catalog/heartbeats.ts';
import { type Egress, openEgress } from '../../egress/egress.ts';
import { type Channel, readChannels } from '../../watch/alerts/channels.ts';
import { type Delivery, sendMessage } from '../../watch/alerts/send.ts';
import { dueFor, mostTellings, retryWaitMs } from '../../watch/alerts/when.ts';
import { composeMessage } from '../../watch/alerts/wording.ts';
import { noteEvents, withRecords } from '../keep-record.ts';
import type { Parts } from '../parts.ts';

const inboxLimit = 1_000;
/** Older events are no news: a rebuilt catalog concludes and compares once more. */
const newsMs = 48 * 60 * 60_000;
/** Longer than any sending takes. */
const leaseMs = 5 * 60_000;
const hour = 60 * 60_000;

export async function notify(parts: Parts, now: Date, signal: AbortSignal): Promise<void> {
  await noteOwnTroubles(parts, now);
  const channels = await readChannels(parts.config.alerts.file);
  await gather(parts, channels, now);
  await using egress = await alertEgress(parts);
  for (;;) {
    signal.throwIfAborted();
    const alert = await claimDueAlert(parts.database, now, leaseMs);
    if (alert === null) return;
    await tell(parts, egress ?? parts.egress, channels, alert, now, signal);
  }
}

/** Moves events from the inbox into messages, once for each channel that wants them. */
async function gather(
  parts: Pick<Parts, 'database'>,
  channels: Channel[],
  now: Date,
): Promise<void> {
  for (;;) {
    const count = await parts.database.transaction(async (tx) => {
      const taken = await takeInbox(tx, inboxLimit);
      const events = taken.filter(({ at }) => now.getTime() - at.getTime() < newsMs);
      const off = await channelsOff(tx);
      for (const channel of channels.filter(({ name }) => !off.has(name))) {
        const wanted = events.filter((event) => wants(channel, event)).map(({ id }) => id);
        if (wanted.length > 0) await addToChannel(tx, channel, wanted, now);
      }
      return taken.length;
    });
    if (count < inboxLimit) return;
  }
}

function wants(channel: Channel, event: ToldEvent): boolean {
  if (!channel.events.includes(event.kind)) return false;
  if (channel.cases === null || (event.sourceKey === null && event.captureId === null)) return true;
  return event.cases.some((name) => channel.cases?.includes(name));
}

async function addToChannel(
  tx: Queryable,
  channel: Channel,
  eventIds: string[],
  now: Date,
): Promise<void> {
  const windowStart = new Date(now.getTime() - channel.atMost.per);
  const due = dueFor(channel, await alertsMadeSince(tx, channel.name, windowStart), now);
  if (due.gathers && (await joinGathering(tx, channel.name, eventIds))) return;
  await insertAlert(tx, {
    id: uuidv7(),
    channel: channel.name,
    eventIds,
    gathers: due.gathers,
    telling: 1,
    madeAt: now,
    dueAt: due.at,
  });
}

async function tell(
  parts: Parts,
  egress: Egress,
  channels: Channel[],
  alert: AlertRow,
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  const channel = channels.find(({ name }) => name === alert.channel);
  if (channel === undefined) return endAlert(parts.database, alert.id, 'given-up');
  const open =
    alert.telling === 1 ? alert.eventIds : await unacknowledged(parts.database, alert.eventIds);
  if (open.length === 0) return endAlert(parts.database, alert.id, 'needless');
  const { environment } = parts.home;
  const events = await eventsById(parts.database, open);
  const message = composeMessage(alert, events, channel, environment);
  const delivery = await sendMessage(egress.client, channel, message, environment, signal);
  await conclude(parts, channel, { ...alert, eventIds: open }, delivery, now);
}

async function conclude(
  parts: Pick<Parts, 'database' | 'log'>,
  channel: Channel,
  alert: AlertRow,
  delivery: Delivery,
  now: Date,
): Promise<void> {
  const waitMs = delivery.delivered || delivery.off ? null : retryWaitMs(alert.attempts);
  const state = delivery.delivered ? 'delivered' : waitMs === null ? 'given-up' : 'waiting';
  const dueAt = new Date(now.getTime() + Math.max(waitMs ?? 0, delivery.waitMs ?? 0));
  const { httpStatus, reason, delivered } = delivery;
  await parts.database.transaction(async (tx) => {
    await recordAttempt(
      tx,
      { alertId: alert.id, attempt: alert.attempts, delivered, httpStatus, reason, at: now },
      { state, dueAt },
    );
    if (delivery.off) await switchChannelOff(tx, channel.name, 'the receiver said gone (410)', now);
    if (!delivered || channel.repeatEvery === null || alert.telling >= mostTellings) return;
    await insertAlert(tx, {
      id: uuidv7(),
      channel: channel.name,
      eventIds: alert.eventIds,
      gathers: false,
      telling: alert.telling + 1,
      madeAt: now,
      dueAt: new Date(now.getTime() + channel.repeatEvery),
    });
  });
  if (!delivered)
    parts.log.warn(
      { channel: channel.name, alert: alert.id, reason, state },
      'alert not delivered',
    );
}

/** Receivers inside the operator's own network, where that is allowed: alerts only, never captures. */
export async function alertEgress(parts: Pick<Parts, 'config' | 'log'>): Promise<Egress | null> {
  const { allowPrivate } = parts.config.alerts;
  if (allowPrivate.length === 0) return null;
  return openEgress({ ...parts.config.egress, allowPrivate }, parts.log);
}

/** Little space and silent workers, each said once a day while it lasts. */
async function noteOwnTroubles(
  parts: Pick<Parts, 'config' | 'database' | 'home' | 'vault'>,
  now: Date,
): Promise<void> {
  const { bavail, bsize } = await statfs(parts.home.folder);
  const freeBytes = bavail * bsize;
  const saidAt = await lastEventAt(parts.database, 'storage.low');
  const news = saidAt === null || now.getTime() - saidAt.getTime() > 24 * hour;
  await withRecords(parts, async (tx) => {
    if (freeBytes < parts.config.alerts.storageLowBytes && news) {
      const detail = { freeBytes };
      await noteEvents(parts, tx, [{ kind: 'storage.low', sourceKey: null, detail, at: now }]);
    }
    for (const { host, processId, seenAt } of await takeSilentWorkers(tx)) {
      const detail = { host, processId, lastSeenAt: seenAt.toISOString() };
      await noteEvents(parts, tx, [{ kind: 'worker.down', sourceKey: null, detail, at: now }]);
    }
  });
}
