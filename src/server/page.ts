/** A page: what it asks the archive, and how the answer is shown to people and given to programs. */

import type { Diagnosis } from '../model/diagnosis.ts';
import type { SettingShown } from '../model/setting-shown.ts';
import type { Parts } from '../pipeline/parts.ts';
import type { Queue } from '../queue/queue.ts';
import type { Exports } from './exports.ts';
import type { Html } from './parts/html.ts';
import type { Replays } from './replay/replays.ts';
import type { Session } from './session.ts';
import type { View } from './view.ts';

/** The archive, as the pages ask it. */
export interface Archive {
  parts: Parts;
  queue(): Promise<Queue>;
  /** As `holdfast doctor` does. */
  diagnose(): Promise<Diagnosis[]>;
  /** As `holdfast config` shows them. */
  settings(): SettingShown[];
  /** Name of the person at this machine, as it stands in records. */
  who: string;
  /** Whether workers run in this process. */
  works: boolean;
  /** Bundles that were asked for from the pages. */
  exports: Exports;
  /** Web archives that are being played. */
  replays: Replays;
}

export interface Asked extends Archive {
  /** Parts of the path that the pattern names. */
  params: Record<string, string>;
  query: URLSearchParams;
  session: Session;
  /** Raised when the reader has gone. */
  signal: AbortSignal;
  /** Whether a person looks, or a copy is made for later. */
  looks: boolean;
}

/** What the pages of a capture need to know. */
export type OfCapture = Pick<
  Asked,
  'parts' | 'params' | 'query' | 'session' | 'signal' | 'who' | 'looks'
> & {
  /** The case that it is handed over with: nothing of other cases is shown. */
  ofCase?: string | undefined;
};

/** Rows for spreadsheets, and their header. */
export interface Rows {
  columns: string[];
  rows: (string | number | null)[][];
}

export interface Shown {
  title: string;
  body: Html;
  /** Looked at anew by browsers without script, in seconds. */
  refreshSeconds?: number;
  /** Whether browsers with script are to do so, too: nothing else tells them what became of it. */
  refreshesAlways?: boolean;
  /** Of the answer; 200 where nothing is said. */
  status?: 400;
}

export interface Page<Answer, Question = Asked> {
  /** `/captures/:id` */
  path: string;
  ask(asked: Question): Promise<Answer>;
  show(answer: Answer, view: View): Shown | Promise<Shown>;
  /** As programs get it. */
  record(answer: Answer): object | Promise<object>;
  rows(answer: Answer): Rows | Promise<Rows>;
}

/** A page whose answer nobody else knows. */
export interface AnyPage<Question = Asked> {
  path: string;
  answer(asked: Question): Promise<{
    show(view: View): Shown | Promise<Shown>;
    record(): object | Promise<object>;
    rows(): Rows | Promise<Rows>;
  }>;
}

export function definePage<Answer, Question = Asked>(
  page: Page<Answer, Question>,
): AnyPage<Question> {
  return {
    path: page.path,
    answer: async (asked) => {
      const answer = await page.ask(asked);
      return {
        show: (view) => page.show(answer, view),
        record: () => page.record(answer),
        rows: () => page.rows(answer),
      };
    },
  };
}

/** What a form sends: fields, and files as they came. */
export type FormFields = ReadonlyMap<string, string | File>;

export interface Action {
  path: string;
  /** @returns path and query of the page to show next */
  act(asked: Asked, form: FormFields): Promise<string>;
  /** Where its form stands: what was filled in comes back there, with what is wrong. */
  returnsTo?(form: FormFields): string;
  /** Which field each code is about. */
  blames?: Record<string, string>;
}

/** A field that must be there. Nothing that was sent is taken for text that is not. */
export function field(form: FormFields, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

/** An answer that is no page: a file that was made to be saved, or the way to another origin. */
export interface Download {
  path: string;
  send(asked: Asked): Promise<Response>;
}
