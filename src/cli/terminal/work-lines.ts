/** What workers do, told to a person at a terminal: a line for each step that ends, and what goes wrong. */
import { forTerminal } from '../../base/for-terminal.ts';
import { unfinishedAmong } from '../../catalog/captures.ts';
import type { Queryable } from '../../catalog/database.ts';
import { unfinishedCount } from '../../catalog/feeder.ts';
import { linkOf } from '../../catalog/submissions.ts';
import { screenColumns } from '../../config/screen.ts';
import { shortened } from './display-width.ts';

/** One line of the log, parsed. */
interface LogEvent {
  level: number;
  msg: string;
  captureId?: string;
  step?: string;
  state?: string;
  reason?: string | null;
  tookMs?: number;
  /** False: the step is tried again. */
  final?: boolean;
  running?: number;
  err?: { message?: string; code?: string; stack?: string };
}

/** Of pino. */
const levels = { debug: 20, warn: 40 };
const mostLinks = 1_000;

/** Takes the lines of a JSON log where people read along. */
export class WorkLines {
  readonly #print: (line: string) => unknown;
  #database: Queryable | null = null;
  /** Told before it is committed: the last of them may still count as open. */
  readonly #closed = new Set<string>();
  #links = new Map<string, Promise<string | null>>();
  /** One line after the other, however long each has to ask for its link. */
  #printing: Promise<void> = Promise.resolve();

  constructor(print: (line: string) => unknown = (line) => process.stderr.write(`${line}\n`)) {
    this.#print = print;
  }

  /** From here on links are known. */
  askOf(database: Queryable): void {
    this.#database = database;
  }

  /** As pino hands it over. */
  write(line: string): void {
    const event = JSON.parse(line) as LogEvent;
    this.#printing = this.#printing.then(async () => {
      const told = await this.#told(event).catch(() => forTerminal(event.msg));
      if (told !== null) this.#print(told);
    });
  }

  /** Once all lines are printed. */
  end(): Promise<void> {
    return this.#printing;
  }

  async #told(event: LogEvent): Promise<string | null> {
    const { captureId, step, level, msg } = event;
    if (level <= levels.debug) return JSON.stringify(event);
    if (msg === 'capture closed' && captureId !== undefined) this.#closed.add(captureId);
    const what = step ?? (msg === 'capture closed' ? 'sealed' : null);
    if (captureId !== undefined && what !== null) return this.#stepTold(event, captureId, what);
    if (level >= levels.warn) return troubleIn(event);
    // What goes well beside the captures, such as a checkpoint, is for the log.
    return event.running === undefined ? null : forTerminal(msg);
  }

  async #stepTold(event: LogEvent, captureId: string, what: string): Promise<string> {
    const closed = this.#closed.size;
    const head = `${closed}/${closed + (await this.#openCount())} ${what} `;
    const tail = ` ${howItEnded(event)}`;
    const link = shortLink((await this.#linkOf(captureId)) ?? captureId);
    const room = screenColumns(process.stderr) - head.length - tail.length;
    return `${head}${shortened(link, Math.max(room, 20))}${tail}`;
  }

  async #openCount(): Promise<number> {
    if (this.#database === null) return 0;
    const last = [...this.#closed].slice(-100);
    const closing = await unfinishedAmong(this.#database, last);
    return (await unfinishedCount(this.#database)) - closing.length;
  }

  #linkOf(captureId: string): Promise<string | null> {
    const known = this.#links.get(captureId);
    if (known !== undefined || this.#database === null) return known ?? Promise.resolve(null);
    if (this.#links.size >= mostLinks) this.#links.clear();
    const link = linkOf(this.#database, captureId);
    this.#links.set(captureId, link);
    return link;
  }
}

function howItEnded({ state, reason, tookMs, err, level, final }: LogEvent): string {
  const took = tookMs === undefined ? [] : [`${Math.round(tookMs / 1000)} s`];
  if (level >= levels.warn)
    return [`${final ? 'failed' : 'tried again'}: ${codeOf(err)}`, ...took].join(', ');
  if (state === 'done') return took.join('');
  return [reason == null ? (state ?? '') : `${state}: ${reason}`, ...took].join(', ');
}

function troubleIn({ msg, err }: LogEvent): string {
  const why = err?.message === undefined ? '' : `: ${err.message.split('\n')[0]}`;
  return forTerminal(`${msg}${why}${err?.code === undefined ? '' : ` [${err.code}]`}`);
}

function codeOf(err: LogEvent['err']): string {
  return forTerminal(err?.code ?? err?.message?.split('\n')[0] ?? 'unexpected');
}

/** `x.com/OIRSpox/status/1227…`: nobody misses the beginning. */
function shortLink(link: string): string {
  return forTerminal(link.replace(/^https?:\/\/(?:www\.)?/i, ''));
}
