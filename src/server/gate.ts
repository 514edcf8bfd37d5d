/** Who asks, and whether a form is ours. Nothing of the archive passes here without a session. */
import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { FormFields } from './page.ts';
import { preferencesCookie, readPreferences, writePreferences } from './preferences.ts';
import type { Session, Sessions } from './session.ts';
import type { Preferences } from './view.ts';
import type { Origins } from './view-of.ts';

const sessionCookie = 'holdfast-session';
const yearSeconds = 365 * 24 * 60 * 60;

/** Whether a request was made to this origin; clients leave out the port 80. */
export function isAt(host: string | undefined, origin: string): boolean {
  return (
    /^[\w.:-]+$/.test(host ?? '') && URL.parse(`http://${host}`)?.origin === new URL(origin).origin
  );
}

export class Gate {
  readonly #origins: Origins;
  readonly #base: string;
  readonly #sessions: Sessions;

  constructor(origins: Origins, base: string, sessions: Sessions) {
    this.#origins = origins;
    this.#base = base;
    this.#sessions = sessions;
  }

  /** A name that somebody else made lead to this machine is not ours, and is not answered. */
  isForUs(c: Context): boolean {
    return isAt(c.req.header('host'), this.#origins.pages);
  }

  sessionOf(c: Context): Session | null {
    return this.#sessions.byCookie(getCookie(c, sessionCookie));
  }

  /** A link that was printed opens one session, once. */
  open(c: Context, token: string): Session | null {
    const session = this.#sessions.open(token);
    if (session !== null) setCookie(c, sessionCookie, session.id, this.#cookie());
    return session;
  }

  /** From our own page, by its browser's word and by the token that only it can know. */
  isOwnForm(c: Context, session: Session, form: FormFields): boolean {
    const site = c.req.header('sec-fetch-site') ?? 'same-origin';
    const origin = c.req.header('origin') ?? this.#origins.pages;
    return (
      site === 'same-origin' && origin === this.#origins.pages && form.get('csrf') === session.csrf
    );
  }

  preferencesOf(c: Context): Preferences {
    return readPreferences(c.req.header('cookie') ?? '', c.req.header('accept-language') ?? '');
  }

  keepPreferences(c: Context, preferences: Preferences): void {
    // Language and colours: they are the same next time, at another path.
    const cookie = { ...this.#cookie(), path: '/', maxAge: yearSeconds };
    setCookie(c, preferencesCookie, writePreferences(preferences), cookie);
  }

  /**
   * A browser sends a cookie to every port of a host. The path, which nobody can guess, keeps it
   * from servers that other people run on this machine.
   */
  #cookie() {
    return { path: `/${this.#base}/`, httpOnly: true, sameSite: 'Strict' } as const;
  }
}
