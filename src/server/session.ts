/**
 * Who may see the pages: whoever opened a one-time link that this process printed. Sessions live
 * in memory and end with it.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Finding } from '../model/finding.ts';

/** What one verification from the page found. */
export interface Verified {
  at: Date;
  findings: Finding[];
}

export interface Session {
  /** Value of the cookie. */
  id: string;
  /** Every form carries it. */
  csrf: string;
  /** Names the session in addresses of captured content, where there are no cookies. */
  tag: string;
  usedAt: number;
  /** Sources marked as graphic that this person chose to see. */
  shown: Set<string>;
  /** Text that was pasted to be submitted. */
  draft: string;
  /** Latest verification of a capture, by its id. */
  verified: Map<string, Verified>;
  /** The form that was sent last and could not be used: shown once more, as it was filled in. */
  refused: Refused | null;
}

export interface Refused {
  /** Path of its action. */
  action: string;
  values: ReadonlyMap<string, string>;
  /** The field that is wrong; empty where it is none, or not one alone. */
  field: string;
  message: string;
}

const linkLivesMs = 10 * 60_000;
const idleMs = 12 * 60 * 60_000;
const mostSessions = 100;

export class Sessions {
  readonly #now: () => number;
  /** By the digest of the token: when it ends. */
  readonly #links = new Map<string, number>();
  readonly #sessions = new Map<string, Session>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The token of a link that opens one session, within ten minutes. */
  newLink(): string {
    const token = secret();
    this.#links.set(digest(token), this.#now() + linkLivesMs);
    return token;
  }

  /** @returns `null` for a token that is unknown, used or too old */
  open(token: string): Session | null {
    const key = digest(token);
    const endsAt = this.#links.get(key);
    this.#links.delete(key);
    if (endsAt === undefined || endsAt < this.#now()) return null;
    const secrets = { id: secret(), csrf: secret(), tag: secret() };
    const session: Session = { ...noSession(), ...secrets, usedAt: this.#now() };
    this.#dropOldest();
    this.#sessions.set(digest(session.id), session);
    return session;
  }

  /** @returns `null` for a cookie that opens nothing, or nothing any more */
  byCookie(id: string | undefined): Session | null {
    if (id === undefined) return null;
    return this.#alive(this.#sessions.get(digest(id)));
  }

  byTag(tag: string): Session | null {
    return this.#alive([...this.#sessions.values()].find((session) => session.tag === tag));
  }

  end(session: Session): void {
    this.#sessions.delete(digest(session.id));
  }

  #alive(session: Session | undefined): Session | null {
    if (session === undefined) return null;
    if (session.usedAt + idleMs < this.#now()) {
      this.end(session);
      return null;
    }
    session.usedAt = this.#now();
    return session;
  }

  #dropOldest(): void {
    const [oldest] = [...this.#sessions.values()].sort((a, b) => a.usedAt - b.usedAt);
    if (this.#sessions.size >= mostSessions && oldest !== undefined) this.end(oldest);
  }
}

/** Of nobody: for what is written to be looked at later. */
export function noSession(): Session {
  const secrets = { id: '', csrf: '', tag: '' };
  return { ...secrets, usedAt: 0, shown: new Set(), draft: '', verified: new Map(), refused: null };
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}

/** Looked up by digest: how long that takes says nothing of the secret. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
