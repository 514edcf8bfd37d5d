/** The queue as it goes on: bars move, and what is done says so. Rows stay where they are. */

interface Standing {
  captureId: string;
  share: number;
}

export class LiveQueue extends HTMLElement {
  #source: EventSource | null = null;

  connectedCallback(): void {
    const address = document.body.dataset.live;
    if (address === undefined || this.querySelector('[data-capture]') === null) return;
    this.#source = new EventSource(address);
    this.#source.addEventListener('progress', (event) => {
      const { captures } = JSON.parse(event.data) as { captures: Standing[] };
      for (const { captureId, share } of captures) this.#move(captureId, share);
    });
    this.#source.addEventListener('happened', (event) => {
      const { kind, captureId } = JSON.parse(event.data) as { kind: string; captureId: string };
      if (kind === 'capture.closed') this.#finish(captureId);
    });
  }

  disconnectedCallback(): void {
    this.#source?.close();
  }

  #move(captureId: string, share: number): void {
    const bar = this.#row(captureId)?.querySelector('progress');
    if (bar != null) bar.value = Math.max(bar.value, Math.round(share * 100));
  }

  #finish(captureId: string): void {
    const row = this.#row(captureId);
    const bar = row?.querySelector('progress');
    if (bar != null) bar.value = 100;
    const state = row?.querySelector('[data-state]');
    const link = row?.querySelector('a');
    if (state == null || link == null) return;
    const open = document.createElement('a');
    open.href = link.href;
    open.textContent = this.dataset.done ?? '';
    state.replaceChildren(open);
    row?.querySelector('button')?.remove();
  }

  #row(captureId: string): Element | null {
    return this.querySelector(`[data-capture="${CSS.escape(captureId)}"]`);
  }
}
