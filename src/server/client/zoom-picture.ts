/** A picture that can be looked at closely: fitted, in full size, closer and farther, dragged about. */

export class ZoomPicture extends HTMLElement {
  connectedCallback(): void {
    const [pane, image] = [this.querySelector<HTMLElement>('.pane'), this.querySelector('img')];
    if (pane === null || image === null) return;
    /** In pixels of the page; 0: as wide as its place. */
    let width = 0;
    let isWhole = false;
    const show = (next: number) => {
      width = Math.min(Math.max(next, 40), 40_000);
      this.#loadWhole(image);
      image.style.maxInlineSize = 'none';
      image.style.inlineSize = `${Math.round(width)}px`;
    };
    const whole = () => {
      isWhole = true;
      show(image.naturalWidth || image.clientWidth);
    };
    // The picture in place of its still has pixels of its own.
    image.addEventListener('load', () => {
      if (isWhole) show(image.naturalWidth);
    });
    const fit = () => {
      isWhole = false;
      width = 0;
      image.style.maxInlineSize = '';
      image.style.inlineSize = '';
    };
    const around = (factor: number, x: number, y: number) => {
      isWhole = false;
      const before = width || image.clientWidth;
      const [atX, atY] = [pane.scrollLeft + x, pane.scrollTop + y];
      show(before * factor);
      pane.scrollTo((atX * width) / before - x, (atY * width) / before - y);
    };
    const middle = (factor: number) => around(factor, pane.clientWidth / 2, pane.clientHeight / 2);
    const bar = document.createElement('div');
    bar.className = 'zoom-bar';
    bar.append(
      this.#button(this.dataset.fit, fit),
      this.#button(this.dataset.whole, whole),
      this.#button(this.dataset.closer, () => middle(1.4)),
      this.#button(this.dataset.farther, () => middle(1 / 1.4)),
    );
    this.prepend(bar);
    dragging(pane);
    onKeys(pane, {
      '+': () => middle(1.4),
      '=': () => middle(1.4),
      '-': () => middle(1 / 1.4),
      0: fit,
    });
    onWheel(pane, around);
  }

  #button(label: string | undefined, act: () => void): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = label ?? '';
    button.addEventListener('click', act);
    return button;
  }

  /** The picture itself in place of its smaller still, once somebody looks closely. */
  #loadWhole(image: HTMLImageElement): void {
    const { full } = this.dataset;
    if (full !== undefined && image.getAttribute('src') !== full) image.setAttribute('src', full);
  }
}

function onKeys(pane: HTMLElement, acts: Record<string, () => void>): void {
  pane.addEventListener('keydown', (event) => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}

/** With Ctrl, as a pinch on a touchpad says it too: the place under the pointer stays where it is. */
function onWheel(pane: HTMLElement, around: (factor: number, x: number, y: number) => void): void {
  const zoom = (event: WheelEvent) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const { left, top } = pane.getBoundingClientRect();
    around(Math.exp(-event.deltaY / 300), event.clientX - left, event.clientY - top);
  };
  pane.addEventListener('wheel', zoom, { passive: false });
}

function dragging(pane: HTMLElement): void {
  let from: { x: number; y: number } | null = null;
  pane.addEventListener('pointerdown', (event) => {
    if (event.button === 0 && event.pointerType === 'mouse')
      from = { x: event.clientX + pane.scrollLeft, y: event.clientY + pane.scrollTop };
  });
  pane.addEventListener('pointermove', (event) => {
    if (from === null) return;
    event.preventDefault();
    pane.scrollTo(from.x - event.clientX, from.y - event.clientY);
  });
  for (const name of ['pointerup', 'pointerleave', 'pointercancel'])
    pane.addEventListener(name, () => {
      from = null;
    });
  pane.addEventListener('dragstart', (event) => event.preventDefault());
}
