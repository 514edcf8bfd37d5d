/** Which page a path names, and in which form its answer is wanted. */

export type Form = 'html' | 'json' | 'csv';

/** `/captures/0198….json` → the path of the page, and `json`. The overview has a name for this. */
export function formIn(path: string): { path: string; form: Form } {
  const [, page = path, ending] = /^(.+)\.(json|csv)$/.exec(path) ?? [];
  const form = ending === 'json' || ending === 'csv' ? ending : 'html';
  return { path: page === '/overview' && form !== 'html' ? '/' : page, form };
}

export interface Matched<Route> {
  route: Route;
  params: Record<string, string>;
}

/** The first whose pattern fits, segment by segment; `:name` takes one that is not empty. */
export function match<Route extends { path: string }>(
  routes: readonly Route[],
  path: string,
): Matched<Route> | null {
  for (const route of routes) {
    const params = paramsOf(route.path.split('/'), path.split('/'));
    if (params !== null) return { route, params };
  }
  return null;
}

function paramsOf(pattern: string[], segments: string[]): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== segment) return null;
      continue;
    }
    const value = decoded(segment);
    if (value === '') return null;
    params[part.slice(1)] = value;
  }
  return params;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
