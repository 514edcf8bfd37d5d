/**
 * How a page is looked into without its knowing or having a say: scripts of ours run in worlds of
 * their own, where nothing that the page redefined is redefined; sizes come from the protocol.
 */
import type { CDPSession, Frame, Page } from 'playwright';
import { within } from '../base/time-limit.ts';

/** One frame, as our scripts see it. */
export interface FrameWorld {
  readonly url: string;
  readonly isMain: boolean;
  /** The address that could not be shown, where Chromium says so in its place. */
  readonly unreachableUrl: string | null;
  /** Of the process in which the frame lives. */
  readonly session: CDPSession;
  readonly frameId: string;
  /** The value of an expression; what it says is the page's own claim. @throws as the script, and when the frame has gone */
  run<Value>(script: string): Promise<Value>;
  /** Calls a function of ours with things of the page, each named by its node. */
  call<Value>(script: string, backendNodeIds: number[]): Promise<Value>;
}

export interface PageSize {
  /** Of the whole document, scrolled out of view or not. */
  widthPx: number;
  heightPx: number;
  windowWidthPx: number;
  windowHeightPx: number;
}

/** With which Chromium says that an address could not be shown. */
export function isErrorPage(url: string): boolean {
  return url.startsWith('chrome-error:');
}

interface FrameTree {
  frame: { id: string; url: string; unreachableUrl?: string };
  childFrames?: FrameTree[];
}

const mostFrames = 60;
const worldName = 'holdfast';
const attachLimitMs = 2_000;

export class FrameWorlds {
  readonly session: CDPSession;
  readonly main: FrameWorld;
  readonly #page: Page;
  readonly #sessions = new Map<Frame, CDPSession>();
  readonly #contexts = new Map<string, number>();

  private constructor(page: Page, session: CDPSession, frameId: string) {
    this.#page = page;
    this.session = session;
    this.main = this.#world(session, frameId, () => page.url());
  }

  static async open(page: Page): Promise<FrameWorlds> {
    const session = await page.context().newCDPSession(page);
    // The browser says it, also of a page that is too busy to answer.
    const { targetInfo } = await session.send('Target.getTargetInfo');
    return new FrameWorlds(page, session, targetInfo.targetId);
  }

  /** The page's own frame first, then those inside it, whichever process draws them. */
  async all(signal: AbortSignal): Promise<FrameWorld[]> {
    const near = await this.#below(this.session, this.main.frameId);
    const far: FrameWorld[] = [];
    for (const frame of this.#page.frames()) {
      if (near.length + far.length >= Math.min(this.#page.frames().length, mostFrames)) break;
      if (frame === this.#page.mainFrame()) continue;
      const session = await within(attachLimitMs, signal, this.#sessionOf(frame)).catch(() => null);
      if (session !== null) far.push(...(await this.#below(session, null).catch(() => [])));
    }
    return [...near, ...far].slice(0, mostFrames);
  }

  async size(): Promise<PageSize> {
    const { cssContentSize, cssLayoutViewport } = await this.session.send('Page.getLayoutMetrics');
    return {
      widthPx: Math.max(1, Math.ceil(cssContentSize.width)),
      heightPx: Math.max(1, Math.ceil(cssContentSize.height)),
      windowWidthPx: cssLayoutViewport.clientWidth,
      windowHeightPx: cssLayoutViewport.clientHeight,
    };
  }

  /** Null: the frame lives in the process of the one around it. */
  async #sessionOf(frame: Frame): Promise<CDPSession | null> {
    const known = this.#sessions.get(frame);
    if (known !== undefined) return known;
    const session = await this.#page.context().newCDPSession(frame);
    this.#sessions.set(frame, session);
    return session;
  }

  /** The frames that one process draws; `mainId` names the page's own among them. */
  async #below(session: CDPSession, mainId: string | null): Promise<FrameWorld[]> {
    const { frameTree } = await session.send('Page.getFrameTree');
    const worlds: FrameWorld[] = [];
    const waiting: FrameTree[] = [frameTree];
    for (let tree = waiting.shift(); tree !== undefined; tree = waiting.shift()) {
      const { id, url, unreachableUrl = null } = tree.frame;
      worlds.push(id === mainId ? this.main : this.#world(session, id, () => url, unreachableUrl));
      waiting.push(...(tree.childFrames ?? []));
    }
    return worlds;
  }

  /** `unreachableUrl` is of a frame inside the page; without it, it is the page's own. */
  #world(
    session: CDPSession,
    frameId: string,
    url: () => string,
    unreachableUrl?: string | null,
  ): FrameWorld {
    return {
      session,
      frameId,
      isMain: unreachableUrl === undefined,
      unreachableUrl: unreachableUrl ?? null,
      get url() {
        return url();
      },
      run: <Value>(script: string) =>
        this.#inContext<Value>(session, frameId, (contextId) =>
          session.send('Runtime.evaluate', { expression: script, contextId, ...asValue }),
        ),
      call: <Value>(script: string, backendNodeIds: number[]) =>
        this.#inContext<Value>(session, frameId, async (executionContextId) => {
          const given = backendNodeIds.map((backendNodeId) =>
            session.send('DOM.resolveNode', { backendNodeId, executionContextId }).then(
              ({ object }) => [{ objectId: object.objectId as string }],
              () => [], // the node has gone since
            ),
          );
          const args = (await Promise.all(given)).flat();
          return session.send('Runtime.callFunctionOn', {
            functionDeclaration: script,
            executionContextId,
            arguments: args,
            ...asValue,
          });
        }),
    };
  }

  /** A frame that went elsewhere takes its world with it: there is a new one then. */
  async #inContext<Value>(
    session: CDPSession,
    frameId: string,
    look: (contextId: number) => Promise<Evaluated>,
  ): Promise<Value> {
    const known = this.#contexts.get(frameId);
    if (known !== undefined) {
      try {
        return resultOf<Value>(await look(known));
      } catch (error) {
        if (!/context/i.test(String(error)) || error instanceof ScriptError) throw error;
        this.#contexts.delete(frameId);
      }
    }
    const { executionContextId } = await session.send('Page.createIsolatedWorld', {
      frameId,
      worldName,
    });
    this.#contexts.set(frameId, executionContextId);
    return resultOf<Value>(await look(executionContextId));
  }
}

const asValue = { returnByValue: true, awaitPromise: true, silent: true } as const;

interface Evaluated {
  result: { value?: unknown };
  exceptionDetails?: { text: string; exception?: { description?: string } };
}

/** One of our scripts failed on what it found in a page. */
class ScriptError extends Error {}

function resultOf<Value>({ result, exceptionDetails }: Evaluated): Value {
  if (exceptionDetails === undefined) return result.value as Value;
  const words = exceptionDetails.exception?.description ?? exceptionDetails.text;
  throw new ScriptError(words.split('\n')[0]);
}
