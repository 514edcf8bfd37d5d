/**
 * Readers: each asks for a page, reads for a while, and asks for the next. A process of its own, so
 * that what it spends is not taken for the server's. Told by a message, answers with one.
 */
import { gzipSync } from 'node:zlib';

export interface Load {
  /** Of the pages, with the cookie that opens them. */
  address: string;
  cookie: string;
  readers: number;
  everyMs: number;
  seconds: number;
  /** Paths by kind; readers take them in turn. */
  pages: { kind: string; path: string }[];
}

export interface Loaded {
  answers: { kind: string; ms: number; bytes: number; gzipBytes: number; status: number }[];
  processorSeconds: number;
}

process.once('message', (load: Load) => {
  void run(load).then((loaded) => process.send?.(loaded, () => process.disconnect()));
});

async function run(load: Load): Promise<Loaded> {
  const before = process.cpuUsage();
  const next = load.pages[Symbol.iterator]();
  const answers: Loaded['answers'] = [];
  const endsAt = performance.now() + load.seconds * 1000;
  await Promise.all(
    Array.from({ length: load.readers }, async (_, reader) => {
      let at = performance.now() + (reader / load.readers) * load.everyMs;
      for (; at < endsAt; at += load.everyMs) {
        await until(at);
        const page = next.next().value;
        if (page === undefined) return;
        answers.push(await read(load, page, at));
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return { answers, processorSeconds: (user + system) / 1e6 };
}

/** From the moment at which it was to be asked: who waits for the page before waits for this one, too. */
async function read({ address, cookie }: Load, { kind, path }: Load['pages'][number], at: number) {
  const response = await fetch(`${address}${path}`, { headers: { cookie } });
  const body = Buffer.from(await response.arrayBuffer());
  const ms = performance.now() - at;
  return {
    ...{ kind, ms, bytes: body.length, status: response.status },
    gzipBytes: gzipSync(body).length,
  };
}

function until(at: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now())));
}
