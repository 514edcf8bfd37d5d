/**
 * A connection of our own to the browser, inside the one that Playwright has: Playwright hands on
 * only the messages of sessions that it opened itself. Sessions in here are flat, and what is
 * attached to one of those waits until it says so, whoever else has said it.
 */
import type { Listeners, ProtocolSession } from '../protocol.ts';

interface Message {
  id?: number;
  sessionId?: string;
  result?: unknown;
  error?: { message: string };
  method?: string;
  params?: unknown;
}

type Send = (message: Message) => Promise<unknown>;

export class Tunnel {
  /** With the browser itself. */
  readonly root: ProtocolSession;
  readonly #send: Send;
  readonly #sessions = new Map<string, InnerSession>();

  private constructor(send: Send) {
    this.#send = send;
    this.root = this.session('');
  }

  /** @param browser a session with the browser */
  static async open(browser: ProtocolSession): Promise<Tunnel> {
    const { targetId } = (await browser.send('Target.getTargetInfo')).targetInfo;
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: false });
    const tunnel = new Tunnel((message) =>
      browser.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify(message) }),
    );
    browser.listen({
      'Target.receivedMessageFromTarget': (event) => {
        if (event.sessionId === sessionId) tunnel.#receive(JSON.parse(event.message) as Message);
      },
    });
    return tunnel;
  }

  /** The session of this name, which was attached in here. */
  session(sessionId: string): ProtocolSession {
    const known = this.#sessions.get(sessionId);
    if (known !== undefined) return known;
    const session = new InnerSession(sessionId, this.#send);
    this.#sessions.set(sessionId, session);
    return session;
  }

  /** What the session was attached to is gone: nobody will answer any more. */
  end(sessionId: string): void {
    this.#sessions.get(sessionId)?.end();
    this.#sessions.delete(sessionId);
  }

  #receive(message: Message): void {
    this.#sessions.get(message.sessionId ?? '')?.receive(message);
  }
}

class InnerSession implements ProtocolSession {
  readonly #sessionId: string;
  readonly #send: Send;
  readonly #listeners = new Map<string, ((event: unknown) => void)[]>();
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #sent = 0;

  constructor(sessionId: string, send: Send) {
    this.#sessionId = sessionId;
    this.#send = send;
  }

  send: ProtocolSession['send'] = (method, ...[params = {}]) => {
    const id = ++this.#sent;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    const to = this.#sessionId === '' ? {} : { sessionId: this.#sessionId };
    this.#send({ id, method, params, ...to }).catch((error: unknown) =>
      this.#settle(id, { error: { message: String(error) } }),
    );
    return answer.promise as Promise<never>;
  };

  listen(listeners: Listeners): void {
    for (const [name, listener] of Object.entries(listeners)) {
      const known = this.#listeners.get(name) ?? [];
      this.#listeners.set(name, [...known, listener as (event: unknown) => void]);
    }
  }

  receive(message: Message): void {
    if (message.id !== undefined) this.#settle(message.id, message);
    const listeners = this.#listeners.get(message.method ?? '') ?? [];
    for (const listener of listeners) listener(message.params);
  }

  end(): void {
    for (const id of [...this.#waiting.keys()])
      this.#settle(id, { error: { message: 'the target is gone' } });
  }

  #settle(id: number, { result, error }: Message): void {
    const answer = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) answer?.resolve(result);
    else answer?.reject(new Error(error.message));
  }
}
