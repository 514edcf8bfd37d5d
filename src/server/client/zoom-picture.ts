/** A picture that can be looked at closely: fitted, in full size, closer and farther, dragged about. */

export class ZoomPicture extends HTMLElement {
  connectedCallback(): void {
    const [pane, image] = [this.querySelector<HTMLElement>('.pane'), this.querySelector('img')];
    if (pane === null || image === null) return;
    let scale = 0;
    const show = (next: number) => {
      scale = Math.min(Math.max(next, 0.1), 8);
      this.#loadWhole(image);
      image.style.maxInlineSize = 'none';
      image.style.inlineSize = `${Math.round(scale * image.naturalWidth)}px`;
    };
    const fit = () => {
      scale = 0;
      image.style.maxInlineSize = '';
      image.style.inlineSize = '';
    };
    const now = () => scale || image.clientWidth / Math.max(image.naturalWidth, 1);
    const bar = document.createElement('div');
    bar.className = 'zoom-bar';
    bar.append(
      this.#button(this.dataset.fit, fit),
      this.#button(this.dataset.whole, () => show(1)),
      this.#button(this.dataset.closer, () => show(now() * 1.4)),
      this.#button(this.dataset.farther, () => show(now() / 1.4)),
    );
    this.prepend(bar);
    dragging(pane);
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
