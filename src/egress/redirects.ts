/** Follows redirects one request at a time, so that every hop is judged and written down. */
import { PermanentError } from '../base/errors.ts';
import type { HttpClient, HttpRequest, HttpResponse } from './client.ts';
import { parseWebUrl } from './target.ts';

export interface RedirectHop {
  url: string;
  status: number;
  /** As the server sent it; null on the hop that answered. */
  location: string | null;
}

/**
 * The response at the end of the chain, and every hop to it. Credentials and cookies
 * given for the first host are not told to another.
 * @throws PermanentError `redirect-loop`, `too-many-redirects`, `bad-url`; and what `request` throws
 */
export async function followRedirects(
  client: HttpClient,
  request: HttpRequest,
  { maxHops }: { maxHops: number },
): Promise<{ hops: RedirectHop[]; response: HttpResponse }> {
  const hops: RedirectHop[] = [];
  const seen = new Set<string>();
  let next = request;
  for (;;) {
    const url = parseWebUrl(next.url);
    if (seen.has(url.href))
      throw new PermanentError('redirect-loop', `${request.url} redirects in a loop`);
    if (hops.length > maxHops) {
      throw new PermanentError(
        'too-many-redirects',
        `${request.url} redirects more than ${maxHops} times`,
      );
    }
    seen.add(url.href);
    const response = await client.request(next);
    const location = redirectOf(response);
    hops.push({ url: url.href, status: response.status, location });
    if (location === null) return { hops, response };
    response.body.destroy();
    next = afterRedirect(next, url, response.status, location);
  }
}

function redirectOf({ status, headers }: HttpResponse): string | null {
  if (![301, 302, 303, 307, 308].includes(status)) return null;
  return headers.find(([name]) => name.toLowerCase() === 'location')?.[1] ?? null;
}

const secretHeaders = ['authorization', 'cookie', 'proxy-authorization'];

/** The request that a redirect asks for (Fetch standard, "HTTP-redirect fetch"). */
function afterRedirect(
  request: HttpRequest,
  from: URL,
  status: number,
  location: string,
): HttpRequest {
  if (!URL.canParse(location, from.href)) {
    throw new PermanentError('bad-url', `${from.href} redirects to an invalid address`);
  }
  const to = new URL(location, from.href);
  const { body, method = 'GET', headers = {}, ...rest } = request;
  const asksAnew = (status === 303 && method !== 'HEAD') || (status < 303 && method === 'POST');
  const dropped = [
    ...(to.origin === from.origin ? [] : secretHeaders),
    ...(asksAnew ? ['content-type'] : []),
  ];
  const kept = Object.entries(headers).filter(([name]) => !dropped.includes(name.toLowerCase()));
  return {
    ...rest,
    url: to.href,
    method: asksAnew ? 'GET' : method,
    headers: Object.fromEntries(kept),
    ...(asksAnew || body === undefined ? {} : { body }),
  };
}
