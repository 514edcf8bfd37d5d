/** What a reader is sent: a page, the same for programs, or why there is none. */
import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { csvOf } from './csv.ts';
import { type Failure, failureOf } from './failure.ts';
import type { Gate } from './gate.ts';
import type { AnyPage, Asked } from './page.ts';
import { failureBody, lockedPage } from './pages/failure-page.ts';
import type { PagesOptions } from './pages-app.ts';
import { layout } from './parts/layout.ts';
import { pageHeaders } from './policy.ts';
import type { Form } from './routes.ts';
import type { Session } from './session.ts';
import type { View } from './view.ts';
import { viewOf } from './view-of.ts';
import { wordsOf } from './words/words.ts';

export async function answerPage(
  c: Context,
  options: PagesOptions,
  gate: Gate,
  page: AnyPage,
  asked: Asked,
  form: Form,
): Promise<Response> {
  const answer = await page.answer(asked);
  const view = viewFor(c, options, gate, asked.session);
  const headers = pageHeaders(view.nonce, options.origins.kept);
  if (form === 'json')
    return c.body(`${JSON.stringify(await answer.record(), null, 2)}\n`, 200, {
      ...headers,
      'content-type': 'application/json; charset=utf-8',
    });
  if (form === 'csv')
    return c.body(csvOf(await answer.rows()), 200, {
      ...headers,
      'content-type': 'text/csv; charset=utf-8',
    });
  const shown = await answer.show(view);
  const text = await layout(view, shown);
  asked.session.refused = null;
  return c.html(text, shown.status ?? 200, headers);
}

/** What has no code of its own is told to the log, not to the reader. */
export async function answerFailure(
  c: Context,
  options: PagesOptions,
  gate: Gate,
  session: Session,
  error: unknown,
): Promise<Response> {
  const failure = isFailure(error) ? error : failureOf(error);
  const { status, code, message } = failure;
  if (status === 500)
    options.archive.parts.log.error({ err: error, path: c.req.path }, 'a page failed');
  const view = viewFor(c, options, gate, session);
  const headers = pageHeaders(view.nonce, options.origins.kept);
  if (isForPrograms(c))
    return c.body(JSON.stringify({ title: code, status, detail: message, code }), status, {
      ...headers,
      'content-type': 'application/problem+json',
    });
  return c.html(await layout(view, failureBody(view, failure)), status, headers);
}

/** Tells nothing of what is here. */
export async function answerLocked(
  c: Context,
  options: PagesOptions,
  gate: Gate,
): Promise<Response> {
  if (isForPrograms(c)) return c.json({ title: 'locked', status: 401 }, 401);
  const { language } = gate.preferencesOf(c);
  const style = `/${options.base}${options.assets.style}`;
  const knowsBase = c.req.path.startsWith(`/${options.base}/`);
  const page = lockedPage(wordsOf(language), language, knowsBase ? style : null);
  return c.html(await page, 401, pageHeaders(newNonce(), options.origins.kept));
}

function isForPrograms(c: Context): boolean {
  return /\.(?:json|csv)$/.test(c.req.path);
}

function isFailure(error: unknown): error is Failure {
  return (
    !(error instanceof Error) && typeof error === 'object' && error !== null && 'status' in error
  );
}

function viewFor(c: Context, options: PagesOptions, gate: Gate, session: Session): View {
  const { pathname, search } = new URL(c.req.url);
  return viewOf(options, {
    session,
    here: `${pathname.slice(options.base.length + 1) || '/'}${search}`,
    preferences: gate.preferencesOf(c),
    nonce: newNonce(),
  });
}

function newNonce(): string {
  return randomBytes(18).toString('base64url');
}
