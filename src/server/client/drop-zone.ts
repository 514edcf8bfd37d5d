/** A file dropped on the text is read as its text. */

const mostBytes = 8 * 1024 * 1024;

export class DropZone extends HTMLElement {
  connectedCallback(): void {
    const text = this.querySelector('textarea');
    if (text === null) return;
    const over = (is: boolean) => this.classList.toggle('over', is);
    this.addEventListener('dragover', (event) => {
      event.preventDefault();
      over(true);
    });
    this.addEventListener('dragleave', () => over(false));
    this.addEventListener('drop', (event) => {
      over(false);
      const [file] = event.dataTransfer?.files ?? [];
      if (file === undefined || file.size > mostBytes) return;
      event.preventDefault();
      void file.text().then((read) => {
        text.value = read;
      });
    });
  }
}
