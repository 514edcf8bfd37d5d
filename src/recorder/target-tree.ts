/**
 * Everything that a page starts and that Chromium runs apart from it: frames of other sites,
 * workers of every kind, and whatever those start. Each is met before it may run.
 */
import type { ProtocolSession, TargetInfo } from './protocol.ts';
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

export class TargetTree {
  readonly #tunnel: Tunnel;

  private constructor(tunnel: Tunnel) {
    this.#tunnel = tunnel;
  }

  /** @param browser a session with the browser */
  static async open(browser: ProtocolSession, watcherOf: WatcherOf): Promise<TargetTree> {
    const tree = new TargetTree(await Tunnel.open(browser));
    const { root } = tree.#tunnel;
    tree.#meetBelow(root, watcherOf);
    const filter = [{ type: 'page' }, { type: 'shared_worker' }, { exclude: true }];
    await root.send('Target.setAutoAttach', { ...everyTarget, filter });
    return tree;
  }

  async close(targetId: string): Promise<void> {
    await this.#tunnel.root.send('Target.closeTarget', { targetId });
  }

  /** Before the page goes anywhere. */
  async watchBelow(pageId: string, watcher: TargetWatcher): Promise<void> {
    const asked = { targetId: pageId, flatten: true };
    const { sessionId } = await this.#tunnel.root.send('Target.attachToTarget', asked);
    const page = this.#tunnel.session(sessionId);
    this.#meetBelow(page, () => watcher);
    await page.send('Target.setAutoAttach', everyTarget);
  }

  /** Watches whatever a session is attached to. */
  #meetBelow(session: ProtocolSession, watcherOf: WatcherOf): void {
    const children = new Map<string, { child: ProtocolSession; watcher: TargetWatcher }>();
    session.listen({
      'Target.attachedToTarget': ({ sessionId, targetInfo }) => {
        const watcher = watcherOf(targetInfo);
        if (watcher === 'unwanted') {
          this.close(targetInfo.targetId).catch(() => {}); // it has gone by itself
          return;
        }
        const child = this.#tunnel.session(sessionId);
        if (watcher !== 'unwatched') {
          children.set(sessionId, { child, watcher });
          this.#watch(child, watcher, targetInfo);
        }
        child.send('Runtime.runIfWaitingForDebugger').catch(() => {});
      },
      'Target.detachedFromTarget': ({ sessionId }) => {
        const gone = children.get(sessionId);
        children.delete(sessionId);
        this.#tunnel.end(sessionId);
        if (gone !== undefined) gone.watcher.closed(gone.child);
      },
    });
  }

  /** Sent in this order and carried out in this order; nobody needs to wait for the answers. */
  #watch(session: ProtocolSession, watcher: TargetWatcher, target: TargetInfo): void {
    watcher.opened(session, target);
    this.#meetBelow(session, () => watcher);
    session.send('Target.setAutoAttach', everyTarget).catch(() => {});
  }
}
