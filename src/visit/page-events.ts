/** What a page did besides showing itself: it spoke, opened windows, started downloads, crashed. */

import type { ConsoleMessage, Page } from 'playwright';
import type { pageNotes } from '../base/codes/notes.ts';
import type { ViewRecord } from '../recorder/page-record.ts';

export interface Note {
  code: keyof typeof pageNotes;
  message: string;
}

const mostConsoleLines = 2_000;
const longestText = 4_000;
const mostOfOneCode = 20;
const windowWords = {
  loaded: 'a window was recorded and closed',
  cut: 'a window was closed before it had loaded',
} as const;

export class PageEvents {
  readonly notes: Note[] = [];
  readonly consoleLines: object[] = [];
  /** Addresses of downloads that the page started; all were cancelled. */
  readonly downloads: string[] = [];

  constructor(page: Page) {
    page.on('console', (message) => this.#say(fromConsole(message)));
    page.on('pageerror', (error) =>
      this.#say({ type: 'exception', text: cut(error.stack ?? String(error)) }),
    );
    page.on('dialog', (dialog) => {
      this.note('dialog', `a ${dialog.type()} box was dismissed: ${cut(dialog.message(), 300)}`);
      dialog.dismiss().catch(() => {}); // it may be gone with its page
    });
    page.context().on('page', (window) => this.#cancelDownloads(window));
    this.#cancelDownloads(page);
  }

  #cancelDownloads(page: Page): void {
    page.on('download', (download) => {
      this.downloads.push(download.url());
      this.note('download', `a download was cancelled: ${cut(download.url(), 300)}`);
      download.cancel().catch(() => {});
    });
  }

  /** Windows that the page opened, as the recorder met them. */
  noteWindows({ windows, wasStopped }: Pick<ViewRecord, 'windows' | 'wasStopped'>): void {
    const refused = windows.filter(({ ended }) => ended === 'refused').length;
    for (const { url, ended } of windows)
      if (ended !== 'refused') this.note('pop-up', `${windowWords[ended]}: ${cut(url, 300)}`);
    if (refused === 0) return;
    const stopped = wasStopped ? ', and scripts of the page were stopped' : '';
    this.note(
      'page-windows',
      `${refused} of ${windows.length} windows that the page opened were closed before they loaded anything${stopped}`,
    );
  }

  /** Keeps the first few of each kind: a page may open boxes without end. */
  note(code: Note['code'], message: string): void {
    const known = this.notes.filter((note) => note.code === code).length;
    if (known < mostOfOneCode) this.notes.push({ code, message });
  }

  #say(line: object): void {
    if (this.consoleLines.length < mostConsoleLines) {
      this.consoleLines.push({ at: new Date().toISOString(), ...line });
    } else if (this.consoleLines.length === mostConsoleLines) {
      this.note('console-cut', `only the first ${mostConsoleLines} console lines were kept`);
    }
  }
}

function fromConsole(message: ConsoleMessage): object {
  const { url, lineNumber, columnNumber } = message.location();
  return {
    type: message.type(),
    text: cut(message.text()),
    url: cut(url, 500),
    lineNumber,
    columnNumber,
  };
}

function cut(text: string, length = longestText): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
