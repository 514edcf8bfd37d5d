/**
 * Everything that a page starts and that Chromium runs apart from it: frames of other sites,
 * workers, service workers, and whatever those start. Each is met before it may run.
 */
import type { Listeners, ProtocolSession, TargetInfo } from './protocol.ts';

export interface TargetWatcher {
  /** A session of the page, or of something below it. What it is sent here comes before the target runs. */
  opened(session: ProtocolSession, target: TargetInfo | null): void;
  closed(session: ProtocolSession): void;
}

/** Watches below `session` without end, it included. */
export async function watchTree(
  session: ProtocolSession,
  watcher: TargetWatcher,
  target: TargetInfo | null = null,
): Promise<void> {
  watcher.opened(session, target);
  meetBelow(session, () => watcher);
  // Not flat: Playwright hands on only the messages of sessions that it opened itself.
  await session.send('Target.setAutoAttach', {
    autoAttach: true,
    waitForDebuggerOnStart: true,
    flatten: false,
  });
}

/**
 * Shared workers belong to no page: only the browser tells of them, and in this form it lets
 * nobody wait for them. They are met while they start.
 * @param watcherOf by the browser context that they run in
 */
export async function watchSharedWorkers(
  browser: ProtocolSession,
  watcherOf: (contextId: string | undefined) => TargetWatcher,
): Promise<void> {
  meetBelow(browser, ({ browserContextId }) => watcherOf(browserContextId));
  browser.listen({
    'Target.targetCreated': ({ targetInfo: { type, targetId } }) => {
      if (type !== 'shared_worker') return;
      browser.send('Target.attachToTarget', { targetId, flatten: false }).catch(() => {});
    },
  });
  const filter = [{ type: 'shared_worker' }, { exclude: true }];
  await browser.send('Target.setDiscoverTargets', { discover: true, filter });
}

/** Watches whatever a session is attached to. */
function meetBelow(
  session: ProtocolSession,
  watcherOf: (target: TargetInfo) => TargetWatcher,
): void {
  const children = new Map<string, { child: ChildSession; watcher: TargetWatcher }>();
  session.listen({
    'Target.attachedToTarget': ({ sessionId, targetInfo }) => {
      const child = new ChildSession(session, sessionId);
      const watcher = watcherOf(targetInfo);
      children.set(sessionId, { child, watcher });
      // Sent in this order and carried out in this order; nobody needs to wait for the answers.
      void watchTree(child, watcher, targetInfo).catch(() => {});
      child.send('Runtime.runIfWaitingForDebugger').catch(() => {});
    },
    'Target.detachedFromTarget': ({ sessionId }) => {
      const gone = children.get(sessionId);
      children.delete(sessionId);
      if (gone === undefined) return;
      gone.child.end();
      gone.watcher.closed(gone.child);
    },
    'Target.receivedMessageFromTarget': ({ sessionId, message }) =>
      children.get(sessionId)?.child.receive(message),
  });
}

interface Message {
  id?: number;
  result?: unknown;
  error?: { message: string };
  method?: string;
  params?: unknown;
}

/** A session that speaks through the session of its parent. */
class ChildSession implements ProtocolSession {
  readonly #parent: ProtocolSession;
  readonly #sessionId: string;
  readonly #listeners = new Map<string, ((event: unknown) => void)[]>();
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #sent = 0;

  constructor(parent: ProtocolSession, sessionId: string) {
    this.#parent = parent;
    this.#sessionId = sessionId;
  }

  send: ProtocolSession['send'] = (method, ...[params = {}]) => {
    const id = ++this.#sent;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    const message = JSON.stringify({ id, method, params });
    this.#parent
      .send('Target.sendMessageToTarget', { sessionId: this.#sessionId, message })
      .catch((error: unknown) => this.#settle(id, { error: { message: String(error) } }));
    return answer.promise as Promise<never>;
  };

  listen(listeners: Listeners): void {
    for (const [name, listener] of Object.entries(listeners)) {
      const known = this.#listeners.get(name) ?? [];
      this.#listeners.set(name, [...known, listener as (event: unknown) => void]);
    }
  }

  receive(text: string): void {
    const message = JSON.parse(text) as Message;
    if (message.id !== undefined) this.#settle(message.id, message);
    const listeners = this.#listeners.get(message.method ?? '') ?? [];
    for (const listener of listeners) listener(message.params);
  }

  /** The target is gone: nobody will answer any more. */
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
