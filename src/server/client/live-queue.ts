/** The queue as it goes on: bars and standings move, and what has ended says how. Rows stay where they are. */

import { addLocalTimes } from './local-times.ts';

interface Standing {
  captureId: string;
  share: number;
  standing: string;
}

interface Progress {
  captures: Standing[];
  /** Whether every capture that is under way is among them. */
  isAll: boolean;
  howMany: string;
}

interface Happened {
  kind: string;
  captureId: string;
  /** How the capture ended, in the language of the page. */
  word: string | null;
}

/** Many end at once; and what an end leaves behind takes a moment. */
const settlesMs = 500;

function replaceSections(anew: Document | null): void {
  for (const old of document.querySelectorAll('[data-anew]')) {
    const name = old.getAttribute('aria-labelledby') ?? '';
    const section = anew?.querySelector(`[data-anew][aria-labelledby="${CSS.escape(name)}"]`);
    if (section != null) old.replaceWith(document.adoptNode(section));
  }
  addLocalTimes();
}

export class LiveQueue extends HTMLElement {
  #source: EventSource | null = null;
  #soon: ReturnType<typeof setTimeout> | undefined;

  connectedCallback(): void {
    const address = document.body.dataset.live;
    if (address === undefined) return;
    this.#source = new EventSource(address);
    this.#source.addEventListener('progress', (event) => {
      this.#show(JSON.parse(event.data) as Progress);
    });
    this.#source.addEventListener('happened', (event) => {
      const { kind, captureId, word } = JSON.parse(event.data) as Happened;
      if (kind === 'capture.closed') this.#finish(captureId, word);
    });
  }

  disconnectedCallback(): void {
    this.#source?.close();
    clearTimeout(this.#soon);
  }

  #show({ captures, isAll, howMany }: Progress): void {
    const said = this.querySelector('[data-how-many]');
    if (said !== null && said.textContent !== howMany) {
      said.textContent = howMany;
      this.#lookAnew();
    }
    for (const one of captures) this.#move(one);
    const open = new Set(captures.map(({ captureId }) => captureId));
    // One that ended before this page listened has no event any more.
    const ids = [...this.querySelectorAll<HTMLElement>('tr[data-capture]')].map(
      ({ dataset }) => dataset.capture ?? '',
    );
    if (isAll) for (const id of ids) if (!open.has(id)) this.#finish(id, null);
    const newcomers = this.querySelector<HTMLElement>('[data-newcomers]');
    if (newcomers !== null) newcomers.hidden = [...open].every((id) => ids.includes(id));
  }

  #move({ captureId, share, standing }: Standing): void {
    const row = this.#row(captureId);
    const bar = row?.querySelector('progress');
    if (bar != null) bar.value = Math.max(bar.value, Math.round(share * 100));
    const state = row?.querySelector('[data-state]');
    if (state != null && row?.hasAttribute('data-ended') === false) state.textContent = standing;
  }

  /** @param word how, where it is known */
  #finish(captureId: string, word: string | null): void {
    const row = this.#row(captureId);
    const state = row?.querySelector('[data-state]');
    const link = row?.querySelector('a');
    if (row == null || state == null || link == null) return;
    if (row.hasAttribute('data-ended') && word === null) return;
    row.setAttribute('data-ended', '');
    const bar = row.querySelector('progress');
    if (bar !== null) bar.value = 100;
    const open = document.createElement('a');
    open.href = link.href;
    open.textContent = this.dataset.open ?? '';
    state.replaceChildren(`${word ?? this.dataset.done ?? ''} · `, open);
    row.querySelector('form')?.remove();
    this.#lookAnew();
  }

  /** Tables that stand below tell how things ended: they are had again, as the page would show them. */
  #lookAnew(): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => {
      const request = new XMLHttpRequest();
      request.responseType = 'document';
      request.addEventListener('load', () => {
        if (request.status === 200) replaceSections(request.responseXML);
      });
      request.open('GET', location.href);
      request.send();
    }, settlesMs);
  }

  #row(captureId: string): Element | null {
    return this.querySelector(`tr[data-capture="${CSS.escape(captureId)}"]`);
  }
}
