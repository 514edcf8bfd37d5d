/**
 * A site that gives a browser one thing and whoever asks again another. It knows of every body
 * whom it was given to: what browsers were given is the truth that a record is judged by.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { HttpClient } from '../../../src/egress/egress.ts';
import type { TestAuthority } from '../authority.ts';
import { noise } from '../noise.ts';
import { openPageServer, type PageServer, type Route, type Upgrade } from '../page-server.ts';

/** One body as it was given to a browser. */
export interface Given {
  url: string;
  bytes: Buffer;
  /** All of it was handed to the network. */
  whole: boolean;
  atMs: number;
}

export interface Gift {
  status?: number;
  headers?: Record<string, string | string[]>;
  body?: Buffer | string;
  /** How the end of the body is told. */
  framing?: 'announced' | 'chunked' | 'gzip';
  /** No page can show this body: that of a redirect, of an answer to a beacon. */
  unshown?: boolean;
}

export type Answer = Gift | ((asked: IncomingMessage, answer: ServerResponse) => Gift | null);

/** Every header that our own client sends beside those of the page: the liar always knows. */
const mark = 'x-asked-again';

/** Asks like the client that it is given, and can be told from the browser. */
export function markedClient(client: HttpClient): HttpClient {
  return {
    request: (asked) => client.request({ ...asked, headers: { ...asked.headers, [mark]: 'yes' } }),
  };
}

export interface LyingSite extends AsyncDisposable {
  given: Given[];
  url(path: string): string;
}

/** What one lie needs: addresses below a folder of its own, words nobody can guess, chance. */
export class Stage {
  readonly routes: Record<string, Route> = {};
  readonly given: Given[] = [];
  readonly clip: Buffer;
  /** Answers whoever opens a WebSocket at `/socket`. */
  upgrade: Upgrade | null = null;
  readonly #folder: string;
  readonly #seed: string;
  readonly #chance: () => number;
  #words = 0;

  constructor(folder: string, seed: string, chance: () => number, clip: Buffer) {
    this.#folder = folder;
    this.#seed = seed;
    this.#chance = chance;
    this.clip = clip;
  }

  /** The address of a file of this lie, as its pages name it. */
  at(path: string): string {
    return `${this.#folder}${path}`;
  }

  /** What a page shows and a judge looks for. */
  word(): string {
    this.#words += 1;
    return `shown-${noise(`${this.#seed} ${this.#words}`, 8).toString('hex')}`;
  }

  /** A text around a word, of some length. */
  text(sizeBytes = this.pick([200, 5_000, 300_000])): string {
    const word = this.word();
    const filling = noise(`${this.#seed} ${word}`, Math.ceil(sizeBytes / 2)).toString('hex');
    return `${word} ${filling}`;
  }

  pick<Value>(from: readonly [Value, ...Value[]]): Value {
    return from[Math.floor(this.#chance() * from.length)] ?? from[0];
  }

  /** Announced or not, coded or not: as the recorder has a way for each. */
  framing(): Gift['framing'] {
    return this.pick(['announced', 'chunked', 'gzip']);
  }

  /** Gives what is said to everybody. */
  gives(path: string, what: Answer): string {
    const address = this.at(path);
    this.routes[address] = (asked, answer) => {
      const gift = typeof what === 'function' ? what(asked, answer) : what;
      if (gift !== null) this.give(asked, answer, gift);
    };
    return address;
  }

  /** The first to the browser, the other to whoever asks again. */
  lies(path: string, shown: Answer, other: Answer): string {
    return this.gives(path, (asked, answer) => {
      const what = isAgain(asked) ? other : shown;
      return typeof what === 'function' ? what(asked, answer) : what;
    });
  }

  /** Something else each time; the last again and again. */
  turns(path: string, ...gifts: [Gift, ...Gift[]]): string {
    let asked = 0;
    return this.gives(path, () => gifts[Math.min(asked++, gifts.length - 1)] ?? gifts[0]);
  }

  give(asked: IncomingMessage, answer: ServerResponse, gift: Gift): void {
    const { status = 200, headers = {}, framing = 'announced', unshown = false } = gift;
    const plain = Buffer.from(gift.body ?? '');
    const body = framing === 'gzip' ? gzipSync(plain) : plain;
    if (!unshown) this.note(asked, answer, plain);
    answer.writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'access-control-allow-origin': '*',
      ...(framing === 'announced' ? { 'content-length': body.length } : {}),
      ...(framing === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
      ...headers,
    });
    answer.end(asked.method === 'HEAD' ? undefined : body);
  }

  /** What goes to a browser from here on, where a lie writes it itself. */
  note(asked: IncomingMessage, answer: ServerResponse, bytes: Buffer): void {
    if (isAgain(asked) || asked.method === 'HEAD' || bytes.length === 0) return;
    const host = asked.headers.host ?? String(asked.headers[':authority' as 'host']);
    const scheme = 'encrypted' in asked.socket ? 'https' : 'http';
    const url = `${scheme}://${host}${asked.url}`;
    answer.once('close', () =>
      this.given.push({ url, bytes, whole: answer.writableFinished, atMs: Date.now() }),
    );
  }
}

export function isAgain(asked: IncomingMessage): boolean {
  return asked.headers[mark] !== undefined;
}

export async function openLyingSite(
  stages: Stage[],
  authority: TestAuthority | null,
): Promise<LyingSite> {
  const routes = Object.assign(
    { '/favicon.ico': { status: 204 } },
    ...stages.map((one) => one.routes),
  );
  const upgrade: Upgrade = (asked, socket) => {
    const stage = stages.find((one) => one.upgrade !== null && asked.url === one.at('/socket'));
    if (stage?.upgrade) stage.upgrade(asked, socket);
    else socket.destroy();
  };
  const server: PageServer = await openPageServer(routes, authority, upgrade);
  return {
    get given() {
      return stages.flatMap(({ given }) => given);
    },
    url: server.url,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
