/** A button that copies a text which is not to be clicked. */

export class CopyText extends HTMLElement {
  connectedCallback(): void {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = this.dataset.label ?? '';
    button.addEventListener('click', () => {
      navigator.clipboard.writeText(this.dataset.text ?? '').then(
        () => {
          button.textContent = this.dataset.done ?? '';
        },
        () => undefined,
      );
    });
    this.replaceChildren(button);
  }
}
