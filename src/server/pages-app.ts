/** Our own pages, for one person at this machine: whoever has a session, and nobody else. */
import { type Context, Hono } from 'hono';
import { answerFailure, answerLocked, answerPage } from './answer.ts';
import type { Assets } from './assets.ts';
import { type Failure, failureOf } from './failure.ts';
import { Gate } from './gate.ts';
import { followLive } from './live.ts';
import type { Action, AnyPage, Archive, Asked, Download, FormFields } from './page.ts';
import { changedPreferences } from './preferences.ts';
import { formIn, match } from './routes.ts';
import type { Refused, Session, Sessions } from './session.ts';
import type { Address } from './view-of.ts';
import { wordsOf } from './words/words.ts';

export interface PagesOptions extends Address {
  archive: Archive;
  assets: Assets;
  sessions: Sessions;
  pages: AnyPage[];
  actions: Action[];
  downloads: Download[];
}

const mostFormBytes = 64 * 1024 * 1024;

export function pagesApp(options: PagesOptions): Hono {
  const gate = new Gate(options.origins, options.base, options.sessions);
  const app = new Hono();
  app.use('*', async (c, next) => {
    if (!gate.isForUs(c)) return c.text('wrong host', 421);
    await next();
  });
  app.get('*', (c) => answerGet(c, options, gate));
  app.post('*', (c) => answerPost(c, options, gate));
  app.all('*', (c) => c.text('', 405));
  return app;
}

async function answerGet(c: Context, options: PagesOptions, gate: Gate): Promise<Response> {
  const path = pathBelow(c, options.base);
  if (path === null) return answerLocked(c, options, gate);
  const asset = options.assets.read(path);
  if (asset !== null) return sendAsset(c, asset);
  const opening = match([{ path: '/open/:token' }], path);
  if (opening !== null) {
    // Only a person uses it up, not a program that looks where a link leads.
    if (c.req.method === 'HEAD') return c.body(null, 405);
    if (gate.open(c, opening.params.token ?? '') === null) return answerLocked(c, options, gate);
    return c.redirect(`/${options.base}/`, 303);
  }
  const session = gate.sessionOf(c);
  if (session === null) return answerLocked(c, options, gate);
  if (path === '/live')
    return followLive(c, options.archive, wordsOf(gate.preferencesOf(c).language));
  try {
    const download = match(options.downloads, path);
    if (download !== null)
      return await download.route.send(asked(c, options, session, download.params));
    const wanted = formIn(path);
    const page = match(options.pages, wanted.path);
    if (page === null)
      return await answerFailure(c, options, gate, session, { status: 404, code: '', message: '' });
    const question = asked(c, options, session, page.params);
    return await answerPage(c, options, gate, page.route, question, wanted.form);
  } catch (error) {
    return answerFailure(c, options, gate, session, error);
  }
}

async function answerPost(c: Context, options: PagesOptions, gate: Gate): Promise<Response> {
  const path = pathBelow(c, options.base);
  const session = gate.sessionOf(c);
  if (path === null || session === null) return answerLocked(c, options, gate);
  const form = await formOf(c);
  if (!gate.isOwnForm(c, session, form)) return c.text('this form is not ours', 403);
  if (path === '/preferences') return changeLook(c, options, gate, form);
  const action = match(options.actions, path);
  try {
    if (action === null)
      return await answerFailure(c, options, gate, session, { status: 404, code: '', message: '' });
    const to = await action.route.act(asked(c, options, session, action.params), form);
    return c.redirect(`/${options.base}${to}`, 303);
  } catch (error) {
    const back = action?.route.returnsTo?.(form);
    const failure = failureOf(error);
    if (action === null || back === undefined || failure.status !== 400)
      return answerFailure(c, options, gate, session, error);
    session.refused = refusedForm(action.route, form, failure);
    return c.redirect(`/${options.base}${back}`, 303);
  }
}

/** Files do not come back: a browser fills no field with one. */
function refusedForm({ path, blames }: Action, form: FormFields, failure: Failure): Refused {
  const values = [...form].filter((one): one is [string, string] => typeof one[1] === 'string');
  const { code, message } = failure;
  return { action: path, values: new Map(values), field: blames?.[code] ?? '', message };
}

function changeLook(c: Context, options: PagesOptions, gate: Gate, form: FormFields): Response {
  const said = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' ? { [name]: value } : {};
  };
  const wanted = { ...said('language'), ...said('theme'), ...said('colour') };
  gate.keepPreferences(c, changedPreferences(gate.preferencesOf(c), wanted));
  return c.redirect(`/${options.base}${ownPath(form.get('back'))}`, 303);
}

function sendAsset(c: Context, { text, type }: { text: string; type: string }): Response {
  return c.body(text, 200, {
    'content-type': type,
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'public, max-age=31536000, immutable',
  });
}

/** @returns `null` for a path that does not begin with the base, which only readers know */
function pathBelow(c: Context, base: string): string | null {
  const { pathname } = new URL(c.req.url);
  if (pathname === `/${base}`) return '/';
  return pathname.startsWith(`/${base}/`) ? pathname.slice(base.length + 1) : null;
}

function asked(
  c: Context,
  { archive }: PagesOptions,
  session: Session,
  params: Record<string, string>,
): Asked {
  const { searchParams: query } = new URL(c.req.url);
  return { ...archive, params, query, session, signal: c.req.raw.signal, looks: true };
}

async function formOf(c: Context): Promise<FormFields> {
  if (Number(c.req.header('content-length') ?? 0) > mostFormBytes) return new Map();
  const body = await c.req.parseBody();
  return new Map(
    Object.entries(body).flatMap(([name, value]) => (Array.isArray(value) ? [] : [[name, value]])),
  );
}

/** A path of ours, whatever a form says. */
export function ownPath(said: string | File | undefined): string {
  return typeof said === 'string' && /^\/(?![/\\])/.test(said) ? said : '/';
}
