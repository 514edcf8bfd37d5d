/**
 * Replays under way. Each has an origin of its own, a name below `localhost` that is random and
 * never used again: nothing that one leaves in a browser can be read by another. A reader has one
 * at a time; the web archive that it plays lies in a scratch folder until it ends.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ordersOver } from '../../catalog/removals.ts';
import type { CaptureRecord } from '../../model/capture-record.ts';
import { type ExportedWacz, exportWacz } from '../../pipeline/export/wacz.ts';
import type { Parts } from '../../pipeline/parts.ts';
import type { Scratch } from '../../vault/vault.ts';
import type { Session, Sessions } from '../session.ts';
import type { Origins } from '../view-of.ts';
import type { Language } from '../words/words.ts';
import { replayPaths } from './fence.ts';
import type { Framed } from './frame-page.ts';
import type { Player } from './player.ts';

export interface Replay {
  captureId: string;
  session: Session;
  player: Player;
  about: Omit<Framed, 'mainPage'>;
  /** The web archive, written when it is first asked for. */
  archive(): Promise<ExportedWacz>;
  /** Whether an order took something of it away since. */
  isOutdated(): Promise<boolean>;
}

interface Held extends Replay {
  end(): Promise<void>;
}

/** Who replays what, in which language, with which player. */
export interface Wanted {
  session: Session;
  record: CaptureRecord;
  language: Language;
  player: Player;
}

export class Replays implements AsyncDisposable {
  readonly #parts: Parts;
  readonly #sessions: Sessions;
  readonly #origins: Origins;
  /** By the random part of their name. */
  readonly #held = new Map<string, Held>();

  constructor(parts: Parts, sessions: Sessions, origins: Origins) {
    this.#parts = parts;
    this.#sessions = sessions;
    this.#origins = origins;
  }

  /** Ends the one that this reader had. @returns where to go, by way of the old one */
  start(wanted: Wanted): string {
    const isOver = (one: Held) => one.session === wanted.session || !this.#isAlive(one);
    const old = [...this.#held].find(([, one]) => one.session === wanted.session)?.[0];
    void this.#endWhere(isOver);
    const key = randomBytes(16).toString('hex');
    this.#held.set(key, this.#hold(wanted));
    if (old === undefined) return `${this.#named(key)}/`;
    return `${this.#named(old)}${replayPaths.end}?next=${key}`;
  }

  /** Origin of the replay with this key; `null` where none is under way. */
  originOf(key: string | null): string | null {
    return key !== null && this.#held.has(key) ? this.#named(key) : null;
  }

  /** `http://127.0.0.1:4242` → `http://<key>.localhost:4242` */
  #named(key: string): string {
    return `http://${key}.localhost:${new URL(this.#origins.kept).port}`;
  }

  /** @param host as a browser names it @returns `null` where nothing is replayed there, or not any more */
  at(host: string | undefined): Replay | null {
    const key = keyIn(host, this.#origins.kept);
    const held = key === null ? undefined : this.#held.get(key);
    return held !== undefined && this.#isAlive(held) ? held : null;
  }

  /** What was written for it is gone when this returns. */
  async end(replay: Replay): Promise<void> {
    await Promise.all(this.#endWhere((one) => one === replay));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#endWhere(() => true));
  }

  #isAlive({ session }: Held): boolean {
    return this.#sessions.byTag(session.tag) !== null;
  }

  #endWhere(isOver: (held: Held) => boolean): Promise<void>[] {
    const over = [...this.#held].filter(([, held]) => isOver(held));
    for (const [key] of over) this.#held.delete(key);
    return over.map(([, held]) => held.end());
  }

  #hold({ session, record, language, player }: Wanted): Held {
    const parts = this.#parts;
    const { id, source, startedAt, environment, artifacts } = record;
    const madeAt = new Date();
    const digests = artifacts.map(({ sha256 }) => sha256);
    const over = new AbortController();
    let made: Promise<{ scratch: Scratch; written: Promise<ExportedWacz> }> | null = null;
    const make = async () => {
      const scratch = await parts.vault.scratch('replay');
      const path = join(scratch.folder, 'capture.wacz');
      return { scratch, written: exportWacz(parts, id, path, over.signal) };
    };
    return {
      ...{ captureId: id, session, player },
      about: { language, isDemo: environment === 'demo', source, startedAt },
      archive: async () => {
        made ??= make();
        return (await made).written;
      },
      isOutdated: async () => {
        const orders = await ordersOver(parts.database, digests);
        return [...orders.values()].some(({ at }) => at >= madeAt);
      },
      end: async () => {
        over.abort(new Error('the replay ended'));
        if (made === null) return;
        const { scratch, written } = await made;
        await written.catch(() => undefined);
        await scratch[Symbol.asyncDispose]();
      },
    };
  }
}

/** Whether a request is for a replay, of today or of before. */
export function isReplayHost(host: string | undefined, kept: string): boolean {
  return keyIn(host, kept) !== null;
}

function keyIn(host: string | undefined, kept: string): string | null {
  const [, key, port] = /^([0-9a-f]{32})\.localhost:(\d+)$/.exec(host ?? '') ?? [];
  return key !== undefined && port === new URL(kept).port ? key : null;
}
