/**
 * A page set served from a process of its own: what a server needs for 10,000 answers, or to pack
 * a bomb, is no memory of the process that records them.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TestAuthority } from './authority.ts';
import { openPageServer, type Served } from './page-server.ts';
import { makePageSet, type PageSet, type SetOptions } from './page-sets.ts';

/** What a judge must know of a page set, without what it serves. */
export type SetFacts = Omit<PageSet, 'routes' | 'upgrade'>;

export interface SetServer extends AsyncDisposable {
  set: SetFacts;
  /** Serves it for one visit. */
  open(): Promise<OpenSet>;
}

export interface OpenSet {
  url: string;
  /** What was served. */
  close(): Promise<Served[]>;
}

type Order = { name: string; options: SetOptions; authority: TestAuthority } | 'open' | 'close';

export async function startSetServer(
  name: string,
  options: SetOptions,
  authority: TestAuthority,
): Promise<SetServer> {
  const child = fork(fileURLToPath(import.meta.url), { serialization: 'advanced', execArgv: [] });
  return {
    set: await answerTo<SetFacts>(child, { name, options, authority }),
    open: async () => ({
      url: await answerTo<string>(child, 'open'),
      close: () => answerTo<Served[]>(child, 'close'),
    }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

/** One order at a time. */
async function answerTo<Answer>(child: ChildProcess, order: Order): Promise<Answer> {
  const over = new AbortController();
  const { signal } = over;
  const gone = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`the server of a page set ended with ${code}`);
  });
  gone.catch(() => {});
  try {
    child.send(order);
    const [answer] = await Promise.race([once(child, 'message', { signal }), gone]);
    return answer as Answer;
  } finally {
    over.abort();
  }
}

/** The other end: the set first, then a server a visit. */
async function obey(): Promise<void> {
  const next = async (): Promise<Order> => (await once(process, 'message'))[0];
  const { name, options, authority } = (await next()) as Exclude<Order, string>;
  const { routes, upgrade, ...facts } = makePageSet(name, options);
  process.send?.(facts);
  while ((await next()) === 'open') {
    const server = await openPageServer(routes, facts.isSecure ? authority : null, upgrade);
    process.send?.(server.url(facts.path));
    await next();
    await server[Symbol.asyncDispose]();
    process.send?.(server.served);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.once('disconnect', () => process.exit());
  await obey();
}
