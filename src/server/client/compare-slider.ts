/** Two pictures over each other, and a slider that uncovers one of them. Without script they stand side by side. */

export class CompareSlider extends HTMLElement {
  connectedCallback(): void {
    const pair = this.querySelector<HTMLElement>('.pair');
    if (pair === null) return;
    const slider = document.createElement('input');
    slider.type = 'range';
    slider.min = '0';
    slider.max = '100';
    slider.value = '50';
    slider.setAttribute('aria-label', this.dataset.label ?? '');
    const cut = () => {
      pair.style.setProperty('--cut', `${slider.value}%`);
      slider.setAttribute('aria-valuetext', `${slider.value} %`);
    };
    slider.addEventListener('input', cut);
    const toggle = document.createElement('button');
    toggle.type = 'button';
    const turn = (slides: boolean) => {
      this.classList.toggle('sliding', slides);
      slider.hidden = !slides;
      toggle.textContent = (slides ? this.dataset.apart : this.dataset.over) ?? '';
      toggle.setAttribute('aria-pressed', String(slides));
    };
    toggle.addEventListener('click', () => turn(!this.classList.contains('sliding')));
    this.prepend(toggle, slider);
    turn(true);
    cut();
  }
}
