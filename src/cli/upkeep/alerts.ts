/** Alerts: what was told to whom, taking note of it, telling it again. */

import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { App } from '../../app.ts';
import { ConfigError, NotFoundError, UnreachableError } from '../../base/errors.ts';
import { forTerminal } from '../../base/for-terminal.ts';
import { plural } from '../../base/plural.ts';
import {
  type AlertRow,
  acknowledge,
  alertById,
  attemptsOfAlert,
  channelsOff,
  eventsById,
  eventsOfCase,
  recentAlerts,
  redeliver,
  switchChannelOn,
} from '../../catalog/alerts.ts';
import { catalogIdentity } from '../../catalog/migrate.ts';
import { alertEgress } from '../../pipeline/watching/notify.ts';
import { atomFeed } from '../../watch/alerts/atom.ts';
import { type Channel, ordinaryKinds, readChannels } from '../../watch/alerts/channels.ts';
import { checkChannel, sendMessage } from '../../watch/alerts/send.ts';
import { composeMessage } from '../../watch/alerts/wording.ts';
import { wholeNumber } from '../terminal/flags.ts';
import { type Listing, printListing, shortTime, write, writeDocument } from '../terminal/output.ts';
import { noteUnknownCase } from '../terminal/unknown-case.ts';
import { documentFormatOf, formatOf, globals, withExisting } from '../verb.ts';

const listing: Listing<AlertRow> = {
  columns: [
    { title: 'ALERT', value: (row) => row.id },
    { title: 'CHANNEL', value: (row) => row.channel },
    { title: 'STATE', value: (row) => row.state },
    { title: 'EVENTS', value: (row) => row.eventIds.length },
    { title: 'TRIES', value: (row) => row.attempts },
    { title: 'MADE', value: (row) => shortTime(row.madeAt) },
    { title: 'DUE', value: (row) => (row.state === 'waiting' ? shortTime(row.dueAt) : '') },
  ],
  id: (row) => row.id,
  record: (row) => ({ schema: 'holdfast.alert/1', ...row }),
  nothing: 'no alerts were sent',
};

export async function alerts(command: Command): Promise<void> {
  const options = globals(command);
  await withExisting(options, async ({ parts }) => {
    const rows = await recentAlerts(
      parts.database,
      wholeNumber('--limit', command.opts().limit, 1, 1000),
    );
    printListing(rows, listing, formatOf(options));
  });
}

export async function showAlert(id: string, command: Command): Promise<void> {
  const options = globals(command);
  const format = documentFormatOf(options);
  await withExisting(options, async ({ parts: { database } }) => {
    const alert = await existingAlert(database, id);
    const events = await eventsById(database, alert.eventIds);
    const attempts = await attemptsOfAlert(database, alert.id);
    const document = { schema: 'holdfast.alert/1' as const, ...alert, events, attempts };
    if (writeDocument(document, format)) return;
    write(`alert ${alert.id} to ${alert.channel}: ${alert.state}`);
    for (const { id: eventId, kind, sourceKey, captureId, at, detail } of events) {
      write(`  ${shortTime(at)}  ${kind}  ${forTerminal(sourceKey ?? '')}  event ${eventId}`);
      if (captureId !== null) write(`    capture ${captureId}`);
      write(`    ${forTerminal(JSON.stringify(detail))}`);
    }
    for (const { attempt, delivered, httpStatus, reason, at } of attempts) {
      const how = delivered ? 'delivered' : `not delivered: ${reason}`;
      write(`  try ${attempt}  ${shortTime(at)}  ${how}${httpStatus ? ` (${httpStatus})` : ''}`);
    }
  });
}

export async function acknowledgeAlert(id: string, command: Command): Promise<void> {
  const { note, by } = command.opts<{ note?: string; by?: string }>();
  await withExisting(globals(command), async ({ parts }) => {
    const alert = await existingAlert(parts.database, id);
    const who = by ?? parts.config.operator ?? 'operator';
    const fresh = await acknowledge(parts.database, alert.eventIds, who, note ?? null, new Date());
    console.error(
      `${fresh.length} of ${plural(alert.eventIds.length, 'event')} acknowledged by ${who}`,
    );
  });
}

export async function redeliverAlert(id: string, command: Command): Promise<void> {
  await withExisting(globals(command), async ({ parts: { database } }) => {
    await existingAlert(database, id);
    await redeliver(database, id, new Date());
    console.error('workers send it with their next sweep');
  });
}

export async function channels(command: Command): Promise<void> {
  const options = globals(command);
  await withExisting(options, async ({ parts }) => {
    const off = await channelsOff(parts.database);
    const { file } = parts.config.alerts;
    const rows = await readChannels(file);
    printListing(rows, channelListing(off, file), formatOf(options));
    for (const row of rows) await checkChannel(row).catch(sayFault);
  });
}

/** A channel that can tell nobody anything must not look as if it could. */
function sayFault(error: unknown): void {
  if (!(error instanceof ConfigError)) throw error;
  for (const problem of error.problems) console.error(forTerminal(problem));
  process.exitCode = error.exitCode;
}

/** Secrets and addresses are never printed: addresses of some channels are secrets. */
function channelListing(off: Map<string, string>, file: string): Listing<Channel> {
  const state = ({ name }: Channel) => off.get(name) ?? 'on';
  return {
    columns: [
      { title: 'CHANNEL', value: (row) => row.name },
      { title: 'KIND', value: (row) => row.kind },
      { title: 'STATE', value: state },
      { title: 'TELLS', value: (row) => row.events.join(', '), width: 60 },
      { title: 'DISCLOSES', value: (row) => row.disclose },
    ],
    id: (row) => row.name,
    record: (row) => ({
      schema: 'holdfast.channel/1',
      name: row.name,
      kind: row.kind,
      state: state(row),
      events: row.events,
      cases: row.cases,
      disclose: row.disclose,
    }),
    nothing: `no channels: add them to ${file} (docs/alerts.md shows how)`,
  };
}

/** Sends a message that says it is a test, and says how that went. */
export async function testChannel(name: string, command: Command): Promise<void> {
  await withExisting(globals(command), async ({ parts }) => {
    const all = await readChannels(parts.config.alerts.file);
    const channel = all.find((one) => one.name === name);
    if (channel === undefined) {
      const known = all.map((one) => one.name).join(', ') || 'none';
      throw new NotFoundError('no-channel', `no channel is called ${name}; channels: ${known}`);
    }
    await checkChannel(channel);
    await switchChannelOn(parts.database, name);
    const { environment } = parts.home;
    const message = {
      ...composeMessage({ id: randomUUID(), telling: 1 }, [], channel, environment),
      title: 'Holdfast: a test message',
      text: 'This channel works. Nothing has happened.',
    };
    const never = new AbortController().signal;
    await using egress = await alertEgress(parts);
    const { client } = egress ?? parts.egress;
    const sent = await sendMessage(client, channel, message, environment, never);
    if (!sent.delivered)
      throw new UnreachableError('not-delivered', `${name} did not take it: ${sent.reason}`);
    console.error(`${name} accepted the message`);
  });
}

/** An Atom feed of a case on stdout. */
export async function caseFeed(caseName: string, command: Command): Promise<void> {
  await withExisting(globals(command), async ({ parts: { database, home } }) => {
    await noteUnknownCase(database, caseName);
    const events = await eventsOfCase(database, caseName, ordinaryKinds, 200);
    const catalogId = await catalogIdentity(database);
    const { environment } = home;
    process.stdout.write(
      atomFeed(events, { caseName, environment, catalogId, updatedAt: new Date() }),
    );
  });
}

async function existingAlert(database: App['parts']['database'], id: string): Promise<AlertRow> {
  const known = /^[0-9a-f-]{36}$/i.test(id) ? await alertById(database, id) : null;
  if (known === null)
    throw new NotFoundError('no-alert', `there is no alert ${id}: holdfast alerts lists them`);
  return known;
}
