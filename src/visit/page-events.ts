/** What a page did besides showing itself: it spoke, opened windows, started downloads, crashed. */

import type { ConsoleMessage, Page } from 'playwright';
import type { pageNotes } from '../base/codes/notes.ts';

export interface Note {
  code: keyof typeof pageNotes;
  message: string;
}

const mostConsoleLines = 2_000;
const longestText = 4_000;
const mostOfOneCode = 20;

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
    page.on('download', (download) => {
      this.downloads.push(download.url());
      this.note('download', `a download was cancelled: ${cut(download.url(), 300)}`);
      download.cancel().catch(() => {});
    });
    page.context().on('page', (other) => {
      if (other === page) return;
      this.note('pop-up', `a window was closed: ${cut(other.url(), 300)}`);
      other.close().catch(() => {});
    });
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
