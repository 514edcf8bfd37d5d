/** What another program sees of Holdfast. Times are `Date`s, or in records ISO 8601 in UTC; ids are strings. */
import type { CaptureRecord } from '../model/capture-record.ts';
import type { CatalogEvent, EventOptions } from '../model/catalog-event.ts';
import type { ExportedFiles } from '../model/exported-files.ts';
import type { Finding } from '../model/finding.ts';
import type { Facets, FoundPage, Question } from '../model/found-capture.ts';
import type { SimilarAnswer } from '../model/similar-files.ts';
import type { SourceCheck } from '../model/source-check.ts';
import type { Status } from '../model/status.ts';
import type { AsideLink, FollowChoice, SubmitOptions, Submitted } from '../model/submission.ts';
import type { Takedown, TakedownPeriod } from '../model/takedown.ts';
import type { WatchOptions, WatchRow } from '../model/watch.ts';

/** Settings by the names of their environment variables: `{ HOLDFAST_HOME: '/srv/archive' }`. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** What may be said beside a text with links, what kind of text it is, and which of its links are taken. */
export interface AddOptions extends SubmitOptions, FollowChoice {
  /** What the text is; found out by itself where left out. */
  format?: 'text' | 'html' | 'csv' | 'jsonl';
}

/** For verbs that may take long. */
export interface Stoppable {
  /** Stops the verb, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** What became of every link of a text. */
export interface Archived {
  /** One a link that was taken, posts and clips first, otherwise in order of appearance; rejected ones too. */
  submitted: Submitted[];
  /** Links of a page that were seen and not taken, such as those of its menus; left out where there are none. */
  leftAside?: AsideLink[];
  /** The captures that they lead to, each once. One without a state is not closed yet. */
  captures: CaptureRecord[];
}

/** Which workers to run, and for how long. */
export interface WorkOptions {
  /** Only these stages; then nothing watched is visited either. */
  only?: ('resolve' | 'page' | 'media' | 'keyframes' | 'render' | 'seal' | 'submit')[];
  /** How many heavy stages of a kind side by side, 1 to 1000; HOLDFAST_CONCURRENCY where left out. */
  concurrency?: number;
  /** Stop when nothing is left to capture. */
  untilDone?: boolean;
  /** Stops at once, as `stop(0)` does. */
  signal?: AbortSignal;
}

/** Workers that run in this program. */
export interface Work extends AsyncDisposable {
  /** Jobs in hand now. */
  running(): number;
  /**
   * Settles when they have stopped. Rejects with StateError `catalog-replaced` where the
   * catalog was rebuilt meanwhile: start them again.
   */
  readonly ended: Promise<void>;
  /**
   * Takes no more jobs and lets captures in hand finish for `graceMs` (30,000 where left out);
   * what is left then goes back into the queue. May be called again with less.
   */
  stop(graceMs?: number): Promise<void>;
}

/** Which files to hand over. */
export interface ExportOptions extends Stoppable {
  /** Only artifacts of these roles, such as `media.original`. */
  roles?: string[];
}

/**
 * An open archive. Every verb checks its options as the command line checks flags: it throws
 * UsageError `unknown-option`, `bad-option` or `bad-argument` for what it doesn't know or can't
 * use, and `closed` after `close`. Where the database or the queue is away it throws
 * OutageError `database-unreachable` or `queue-unreachable`, where the disk is full StorageError.
 */
export interface Holdfast extends AsyncDisposable {
  /**
   * Puts the links of a text into the catalog and the queue; workers capture them. Rejected
   * links are told, never thrown.
   * @param text a link, or a text, HTML, CSV or JSONL with links in it
   * @throws UsageError `bad-plan`, `too-long`, `no-such-platform`, `no-own-address`; NotFoundError `no-profile`
   */
  add(text: string, options?: AddOptions): Promise<Submitted[]>;
  /**
   * Adds, works in this program until every capture is closed and what is made of it has ended
   * (`sealed`: only until it is closed), or can't be for now, and returns what was kept. Where it is stopped, what was not captured stays in the queue.
   * @throws as `add`; StateError `catalog-replaced`
   */
  archive(text: string, options?: AddOptions & Stoppable & { sealed?: boolean }): Promise<Archived>;
  /** Runs workers in this program until they are stopped, this is closed or nothing is left. */
  work(options?: WorkOptions): Promise<Work>;
  /**
   * Comes back to a source: looks at it, and captures it again.
   * @param source a link or a key; `case:NAME` or `author:x:HANDLE` for all of theirs
   * @param plan an interval such as `6h`, a cron expression of five fields, or `adaptive`
   * @throws UsageError `not-a-source`, `bad-plan`, `bad-quiet-hours`, `bad-time`, `too-long`
   */
  watch(source: string, plan: string, options?: WatchOptions): Promise<WatchRow>;
  /**
   * Looks at a source now by every route, and says what follows from all that was ever seen.
   * @param source a link or a key @throws UsageError `not-a-source`
   */
  check(source: string, options?: Stoppable): Promise<SourceCheck>;
  /**
   * Captures by words and by everything known about them, a page at a time.
   * @throws UsageError `bad-query`, `empty-period`, `bad-sha256`, `bad-state`, `bad-cursor`
   */
  find(question?: Question): Promise<FoundPage>;
  /**
   * What the captures of a question are: how many are of which platform, case, author, language …
   * All are counted where there are few, the newest 2,000 where there are more.
   * @throws UsageError `bad-query`, `empty-period`, `bad-sha256`, `bad-state`
   */
  facets(question?: Omit<Question, 'order' | 'limit' | 'after'>): Promise<Facets>;
  /**
   * Everything about a capture: what was kept, what is missing, what is proved.
   * @param captureId whole, or eight or more characters of its beginning or end
   * @throws NotFoundError `no-capture`; UsageError `short-id`, `ambiguous-id`
   */
  show(captureId: string): Promise<CaptureRecord>;
  /**
   * Copies that are held of a picture, video or sound, those that were kept first in front:
   * an answer for the file, or one for each medium of the capture. Nothing is stored.
   * @param what path of a file, or a capture id
   * @throws NotFoundError `no-such-file`, `no-capture`; UsageError `is-a-folder`, `not-a-file`,
   *   `not-media`, `not-decodable`, `short-id`, `ambiguous-id`
   */
  similar(what: string, options?: Stoppable): Promise<SimilarAnswer[]>;
  /**
   * Sources that were found removed, in the order in which that was concluded. Only those that
   * are watched or checked can be found so.
   * @throws UsageError `empty-period`; NotFoundError `no-case`
   */
  takedowns(period?: TakedownPeriod): Promise<Takedown[]>;
  /** What is waiting, running and stuck, and how the seal stands. */
  status(): Promise<Status>;
  /**
   * What happens from now on, or after a cursor, in order: captures that are closed, edits,
   * removals, copies … Waits for more until the signal is raised or this is closed; then it
   * ends. A database that is away for a moment is waited for.
   * @throws UsageError `bad-cursor`, `other-catalog`; StateError `catalog-replaced`
   */
  events(options?: EventOptions): AsyncGenerator<CatalogEvent, void, undefined>;
  /**
   * Hashes every stored file again and compares it with manifests and log; one finding a place.
   * @param captureIds all captures, and the log as a whole, where left out
   * @throws NotFoundError `no-capture`; UsageError `short-id`, `ambiguous-id`
   */
  verify(captureIds?: string[], options?: Stoppable): AsyncGenerator<Finding, void, undefined>;
  /**
   * Writes a capture as plain files into `<folder>/<capture id>/`, with their `SHA256SUMS`.
   * @throws UsageError `exists`, `no-such-role`; NotFoundError `no-capture`; IntegrityError
   *   `stored-bytes-differ`, `unsafe-name`, `names-clash`
   */
  export(captureId: string, folder: string, options?: ExportOptions): Promise<ExportedFiles>;
  /**
   * Ends streams and stops what is under way; workers may finish what they have in hand for
   * 30 s. Then closes everything that was opened.
   */
  close(): Promise<void>;
}
