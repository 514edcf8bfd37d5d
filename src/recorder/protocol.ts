/** A session of Chromium's DevTools protocol: what it may be told and asked, and what it tells. */
import type { Protocol } from 'devtools-protocol';
import type { ProtocolMapping } from 'devtools-protocol/types/protocol-mapping.js';
import type { CDPSession } from 'playwright';

type Commands = ProtocolMapping.Commands;
type Events = ProtocolMapping.Events;

/** What comes with an event, by the event's name. */
export type ProtocolEvent<Name extends keyof Events> = Events[Name] extends [infer Event]
  ? Event
  : undefined;

export type Listeners = {
  [Name in keyof Events]?: (event: ProtocolEvent<Name>) => void;
};

export interface ProtocolSession {
  send<Name extends keyof Commands>(
    method: Name,
    ...params: Commands[Name]['paramsType']
  ): Promise<Commands[Name]['returnType']>;
  listen(listeners: Listeners): void;
}

export type RequestPaused = Protocol.Fetch.RequestPausedEvent;
export type TargetInfo = Protocol.Target.TargetInfo;

/** Playwright types the same protocol, at a version of its own. */
export function sessionOf(session: CDPSession): ProtocolSession {
  return {
    send: (method, ...[params]) =>
      session.send(method as 'Network.enable', params as never) as Promise<never>,
    listen(listeners) {
      for (const [name, listener] of Object.entries(listeners))
        session.on(name as 'Network.loadingFinished', listener as never);
    },
  };
}
