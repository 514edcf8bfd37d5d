/**
 * What a message says. Least by default: a phone on a table, a shared inbox or somebody
 * else's server must not show whom an archive is watching.
 */

import type { ToldEvent } from '../../catalog/alerts.ts';
import type { Environment } from '../../model/capture-record.ts';
import type { EventKind } from '../../model/event-kinds.ts';
import type { Channel } from './channels.ts';

export interface Message {
  alertId: string;
  /** Which telling of the same events: 1 for the first. */
  telling: number;
  title: string;
  /** Plain text, a line an event. */
  text: string;
  events: DisclosedEvent[];
}

export interface DisclosedEvent {
  id: string;
  kind: EventKind;
  at: string;
  source?: string;
  case?: string[];
  captureId?: string;
  detail?: Record<string, unknown>;
}

const words: Record<string, string> = {
  suspect: 'missed once, not confirmed',
  removed: 'removed',
  restored: 'back again',
  changed: 'changed',
  'capture.failed': 'capture failed',
  'schedule.late': 'visits are late',
  'verify.failed': 'stored bytes differ',
  'storage.low': 'little space left in the vault',
  'worker.down': 'a worker fell silent',
};

const mostLines = 20;

export function composeMessage(
  alert: { id: string; telling: number },
  events: ToldEvent[],
  { disclose }: Pick<Channel, 'disclose'>,
  environment: Environment,
): Message {
  const disclosed = events.map((event) => discloseEvent(event, disclose));
  const lines = disclosed.slice(0, mostLines).map(lineOf);
  if (disclosed.length > mostLines) lines.push(`and ${disclosed.length - mostLines} more`);
  const again = alert.telling > 1 ? `, told ${alert.telling} times and not acknowledged` : '';
  return {
    alertId: alert.id,
    telling: alert.telling,
    title: `${environment === 'demo' ? '[demonstration] ' : ''}Holdfast: ${summary(events)}${again}`,
    text: [...lines, `Look: holdfast alerts show ${alert.id}`].join('\n'),
    events: disclosed,
  };
}

/** `2 removed, 1 changed` */
function summary(events: ToldEvent[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of events) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${words[kind] ?? kind}`).join(', ');
}

function discloseEvent(event: ToldEvent, disclose: Channel['disclose']): DisclosedEvent {
  const bare = { id: event.id, kind: event.kind, at: event.at.toISOString() };
  if (disclose === 'nothing') return bare;
  const named = {
    ...bare,
    ...(event.sourceKey === null ? {} : { source: event.sourceKey }),
    ...(event.captureId === null ? {} : { captureId: event.captureId }),
    case: event.cases,
  };
  return disclose === 'source' ? named : { ...named, detail: event.detail };
}

function lineOf({ kind, at, source, detail }: DisclosedEvent): string {
  const what = [source, words[kind] ?? kind].filter(Boolean).join(': ');
  const more = detail === undefined ? '' : ` ${JSON.stringify(detail).slice(0, 300)}`;
  return onOneLine(`${at.slice(0, 16).replace('T', ' ')}Z  ${what}${more}`);
}

/** Captured text must not break out of its line, nor turn it round. */
function onOneLine(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    ' ',
  );
}
