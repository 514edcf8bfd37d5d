/** The queue as it goes on: bars and standings move, and what has ended says how. Rows stay where they are. */

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

export class LiveQueue extends HTMLElement {
  #source: EventSource | null = null;

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
  }

  #show({ captures, isAll, howMany }: Progress): void {
    const said = this.querySelector('[data-how-many]');
    if (said !== null && said.textContent !== howMany) said.textContent = howMany;
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
  }

  #row(captureId: string): Element | null {
    return this.querySelector(`tr[data-capture="${CSS.escape(captureId)}"]`);
  }
}
