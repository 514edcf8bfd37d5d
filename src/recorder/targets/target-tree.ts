/**
 * Everything that a page starts and that Chromium runs apart from it: frames of other sites,
 * workers of every kind, and whatever those start. Each is met before it may run.
 */
import type { ProtocolSession, TargetInfo } from '../protocol.ts';
import { Tunnel } from './tunnel.ts';

export interface TargetWatcher {
  /** A session of something below the page. What it is sent here comes before the target runs. */
  opened(session: ProtocolSession, target: TargetInfo): void;
  closed(session: ProtocolSession): void;
}

/**
 * Who hears of what begins in a browser context: a page, or a shared worker, which belongs to no
 * page. `unwatched`: nobody. `unwanted`: it is closed before it has run.
 */
type WatcherOf = (target: TargetInfo) => TargetWatcher | 'unwatched' | 'unwanted';

/** Flat: else only Playwright's sessions would be waited for, and a worker run before ours is heard. */
const everyTarget = { autoAttach: true, waitForDebuggerOnStart: true, flatten: true } as const;
const serviceWorker = { type: 'service_worker' };
const allButServiceWorkers = {
  ...everyTarget,
  filter: [{ ...serviceWorker, exclude: true }, {}],
};
/** These are met, and not waited for: of several that start at once some would never get their script. */
const serviceWorkers = {
  autoAttach: true,
  waitForDebuggerOnStart: false,
  flatten: true,
  filter: [serviceWorker, { exclude: true }],
};

export class TargetTree {
  readonly #tunnel: Tunnel;
  /** Apart: what is attached to by hand would be met like a window that the page opened. */
  readonly #serviceWorkers: Tunnel;

  private constructor(tunnel: Tunnel, serviceWorkers: Tunnel) {
    this.#tunnel = tunnel;
    this.#serviceWorkers = serviceWorkers;
  }

  /** @param browser a session with the browser */
  static async open(browser: ProtocolSession, watcherOf: WatcherOf): Promise<TargetTree> {
    const tree = new TargetTree(await Tunnel.open(browser), await Tunnel.open(browser));
    const { root } = tree.#tunnel;
    tree.#meetBelow(tree.#tunnel, root, watcherOf);
    const filter = [{ type: 'page' }, { type: 'shared_worker' }, { exclude: true }];
    await root.send('Target.setAutoAttach', { ...everyTarget, filter });
    return tree;
  }

  async close(targetId: string): Promise<void> {
    await this.#tunnel.root.send('Target.closeTarget', { targetId });
  }

  /** Before the page goes anywhere. */
  async watchBelow(pageId: string, watcher: TargetWatcher): Promise<void> {
    await this.#attach(this.#tunnel, pageId, watcher, allButServiceWorkers);
    await this.#attach(this.#serviceWorkers, pageId, watcher, serviceWorkers);
  }

  async #attach(
    tunnel: Tunnel,
    targetId: string,
    watcher: TargetWatcher,
    kinds: typeof allButServiceWorkers | typeof serviceWorkers,
  ): Promise<void> {
    const { sessionId } = await tunnel.root.send('Target.attachToTarget', {
      targetId,
      flatten: true,
    });
    const session = tunnel.session(sessionId);
    this.#meetBelow(tunnel, session, () => watcher);
    await session.send('Target.setAutoAttach', kinds);
  }

  /** Watches whatever a session is attached to. */
  #meetBelow(tunnel: Tunnel, session: ProtocolSession, watcherOf: WatcherOf): void {
    const children = new Map<string, { child: ProtocolSession; watcher: TargetWatcher }>();
    session.listen({
      'Target.attachedToTarget': ({ sessionId, targetInfo }) => {
        const watcher = watcherOf(targetInfo);
        if (watcher === 'unwanted') {
          this.close(targetInfo.targetId).catch(() => {}); // it has gone by itself
          return;
        }
        const child = tunnel.session(sessionId);
        if (watcher !== 'unwatched') {
          children.set(sessionId, { child, watcher });
          this.#watch(tunnel, child, watcher, targetInfo);
        }
        child.send('Runtime.runIfWaitingForDebugger').catch(() => {});
      },
      'Target.detachedFromTarget': ({ sessionId }) => {
        const gone = children.get(sessionId);
        children.delete(sessionId);
        tunnel.end(sessionId);
        if (gone !== undefined) gone.watcher.closed(gone.child);
      },
    });
  }

  /** Sent in this order and carried out in this order; nobody needs to wait for the answers. */
  #watch(
    tunnel: Tunnel,
    session: ProtocolSession,
    watcher: TargetWatcher,
    target: TargetInfo,
  ): void {
    const { type, targetId } = target;
    watcher.opened(session, target);
    this.#meetBelow(tunnel, session, () => watcher);
    session.send('Target.setAutoAttach', allButServiceWorkers).catch(() => {});
    if (type === 'page' || type === 'iframe')
      this.#attach(this.#serviceWorkers, targetId, watcher, serviceWorkers).catch(() => {}); // it has gone
  }
}
