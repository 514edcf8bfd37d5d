/**
 * The process that decodes pictures: confined as every tool is, started when it is first asked,
 * and again after it has ended. Whoever opens one closes it.
 */
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { PermanentError, UnreachableError } from '../../base/errors.ts';
import type { TimeBudget } from '../../base/time-budget.ts';
import { timeLimit } from '../../base/time-limit.ts';
import { type OpenTool, openConfined } from '../tools/confine.ts';
import { answered, hello, type PictureLibrary } from './answers.ts';
import { decoderFiles, decoderProgram } from './decoder-files.ts';
import type { AskName, Asks } from './inside/asks.ts';
import { beginningOf, Messages } from './inside/messages.ts';

export interface DecoderLimits {
  /** Unasked for so long it is ended, and started again when it is asked. */
  idleMs: number;
  /** 0.6 GB of it is Node's own, most of it never touched. */
  memoryBytes: number;
}

const usualLimits: DecoderLimits = { idleMs: 30_000, memoryBytes: 3 * 1024 ** 3 };

/** More is not handed over: it lies in the decoder's memory whole. */
const mostBytes = 512 * 1024 * 1024;
/** The pixels of the largest picture that is decoded. */
const answerLimits = { wordsBytes: 8 * 1024 * 1024, blocksBytes: 320 * 1024 * 1024 };
const startMs = 60_000;
const atOnceBytes = 1024 * 1024;

/** By path, or as they are. */
export type PictureBytes = string | Uint8Array;

export interface Question<Name extends AskName> {
  ask: Name;
  options: Asks[Name];
  about: readonly PictureBytes[];
}

/** What a question is asked for: within whose time, and until when. */
export interface Asking {
  budget: TimeBudget;
  signals: readonly AbortSignal[];
}

/** Reads an answer, and throws for what can't be one. */
export type ReadAnswer<Read> = (found: unknown, blocks: Buffer[]) => Read;

interface Started {
  tool: OpenTool;
  messages: Messages;
  library: PictureLibrary;
}

export class Decoder implements AsyncDisposable {
  /** Processor time that it has spent on answers. */
  processorMs = 0;
  /** What it was made of when it was last started; `null`: nothing was decoded yet. */
  used: PictureLibrary | null = null;
  readonly #signal: AbortSignal;
  readonly #limits: DecoderLimits;
  #running: Promise<Started> | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  /** @param signal stops it for good, whatever it is at */
  constructor(signal: AbortSignal, limits: Partial<DecoderLimits> = {}) {
    this.#signal = signal;
    this.#limits = { ...usualLimits, ...limits };
  }

  /**
   * One question after the other. Of the budget nothing is spent on starting the decoder.
   * @throws PermanentError `not-decodable`, `too-many-bytes`, `decoder-ended`, `file-time-limit`,
   *   `job-time-limit`; UnreachableError `tool-missing`; a signal's reason, after the process has
   *   ended
   */
  ask<Name extends AskName, Read>(
    question: Question<Name>,
    read: ReadAnswer<Read>,
    asking: Asking,
  ): Promise<Read> {
    const answer = this.#turn.then(() => this.#askNow(question, read, asking));
    this.#turn = answer.catch(() => {});
    return answer;
  }

  /** What it is. @throws as `ask` */
  async library(): Promise<PictureLibrary> {
    return (await this.#started()).library;
  }

  async #askNow<Name extends AskName, Read>(
    { ask, options, about }: Question<Name>,
    read: ReadAnswer<Read>,
    { budget, signals }: Asking,
  ): Promise<Read> {
    clearTimeout(this.#idle);
    for (const signal of signals) signal.throwIfAborted();
    const started = await this.#started();
    await using files = await opened(about);
    return await budget.spend(nameOf(about), [this.#signal, ...signals], (signal) =>
      this.#answer(started, files.message({ ask, options }), read, signal),
    );
  }

  async #answer<Read>(
    started: Started,
    message: AsyncIterable<Uint8Array>,
    read: ReadAnswer<Read>,
    signal: AbortSignal,
  ): Promise<Read> {
    const { kill, stdin } = started.tool;
    signal.addEventListener('abort', kill);
    try {
      signal.throwIfAborted();
      await tell(stdin, message);
      const said = await started.messages.next();
      const answer = answered.parse(said?.words);
      this.processorMs += answer.processorMs;
      if ('notDecodable' in answer) return await Promise.reject(undecodable(answer.notDecodable));
      return read(answer.found, said?.blocks ?? []);
    } catch (error) {
      if (error instanceof PermanentError) throw error;
      throw await this.#gaveUp(started, signal, error);
    } finally {
      signal.removeEventListener('abort', kill);
      this.#idle = setTimeout(() => void this.#end(), this.#limits.idleMs).unref();
    }
  }

  /** Whatever it says from here on is not believed. @returns what to throw */
  async #gaveUp({ tool }: Started, signal: AbortSignal, cause: unknown): Promise<unknown> {
    await this.#end();
    if (signal.aborted) return signal.reason;
    const why = tool.complaints.at(-1) ?? (await tool.ended) ?? 'it broke off';
    return new PermanentError(
      'decoder-ended',
      `the decoder met a limit or was killed over this picture: ${why}`,
      { cause },
    );
  }

  async #started(): Promise<Started> {
    this.#signal.throwIfAborted();
    const running = this.#running ?? start(this.#limits, this.#signal);
    this.#running = running;
    const forget = () => {
      if (this.#running === running) this.#running = null;
    };
    return running.then(
      (started) => {
        void started.tool.ended.then(forget);
        this.used = started.library;
        return started;
      },
      (error: unknown) => {
        forget();
        throw error;
      },
    );
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle);
    const running = this.#running;
    this.#running = null;
    await running?.then(({ tool }) => tool[Symbol.asyncDispose]()).catch(() => {});
  }

  /** Whatever was asked last ends first. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn;
    await this.#end();
  }
}

/** Whose time a question takes: what is drawn of several pictures is the first one's. */
function nameOf([first]: readonly PictureBytes[]): string {
  return typeof first === 'string' ? first : 'bytes';
}

function undecodable(why: string): PermanentError {
  return new PermanentError('not-decodable', `this picture does not decode: ${why}`);
}

/** @throws UnreachableError `tool-missing`; the signal's reason */
async function start({ memoryBytes }: DecoderLimits, signal: AbortSignal): Promise<Started> {
  using limit = timeLimit(startMs, signal);
  const tool = await openConfined({
    executable: process.execPath,
    options: ['--disable-warning=ExperimentalWarning', decoderProgram],
    parts: decoderFiles(),
    // Memory that it gives back is used again, whichever of its threads asks for it.
    environment: { MALLOC_ARENA_MAX: '2' },
    timeLimitMs: Infinity,
    memoryBytes,
  });
  limit.signal.addEventListener('abort', tool.kill);
  const messages = new Messages(tool.stdout, answerLimits);
  try {
    limit.signal.throwIfAborted();
    const library = hello.parse((await messages.next())?.words);
    return { tool, messages, library };
  } catch {
    await tool[Symbol.asyncDispose]();
    signal.throwIfAborted();
    const why = tool.complaints.at(-1) ?? (await tool.ended) ?? 'it says nothing';
    throw new UnreachableError('tool-missing', `can't start the decoder of pictures: ${why}`);
  } finally {
    limit.signal.removeEventListener('abort', tool.kill);
  }
}

/** Where nothing is read any more, nobody waits for it either. */
async function tell(stdin: Writable, parts: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const part of parts) {
    if (stdin.destroyed) throw new Error('it reads no more');
    if (!stdin.write(part)) await drained(stdin);
  }
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

/** What a question is about, open while it is handed over. */
async function opened(about: readonly PictureBytes[]) {
  const files = new Map<string, Awaited<ReturnType<typeof open>>>();
  const close = async () => {
    for (const file of files.values()) await file.close();
  };
  try {
    const sizes: number[] = [];
    for (const each of about) {
      if (typeof each === 'string' && !files.has(each)) files.set(each, await open(each));
      sizes.push(typeof each === 'string' ? await sizeOf(files.get(each)) : each.length);
    }
    const allBytes = sizes.reduce((sum, size) => sum + size, 0);
    if (allBytes > mostBytes)
      throw new PermanentError('too-many-bytes', `${allBytes} bytes are more than is decoded here`);
    return {
      async *message(words: object): AsyncGenerator<Uint8Array> {
        yield beginningOf(words, sizes);
        for (const [index, each] of about.entries()) {
          const size = sizes[index] ?? 0;
          if (typeof each !== 'string') yield each;
          else if (size > 0) yield* bytesOf(files.get(each), size);
        }
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type OpenFile = Awaited<ReturnType<typeof open>> | undefined;

async function sizeOf(file: OpenFile): Promise<number> {
  return (await file?.stat())?.size ?? 0;
}

function bytesOf(file: OpenFile, sizeBytes: number): AsyncIterable<Buffer> {
  const range = { start: 0, end: sizeBytes - 1, autoClose: false, highWaterMark: atOnceBytes };
  return file?.createReadStream(range) as AsyncIterable<Buffer>;
}
