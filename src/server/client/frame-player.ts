/** Keyframes as a way into a recording: a click goes there; the last one passed is marked. */

export class FramePlayer extends HTMLElement {
  connectedCallback(): void {
    const media = this.querySelector<HTMLMediaElement>('video, audio');
    const frames = [...this.querySelectorAll<HTMLAnchorElement>('[data-at]')];
    if (media === null) return;
    for (const frame of frames)
      frame.addEventListener('click', (event) => {
        event.preventDefault();
        media.currentTime = Number(frame.dataset.at);
        mark();
      });
    const mark = () => {
      const passed = frames.findLast((one) => Number(one.dataset.at) <= media.currentTime + 0.05);
      for (const frame of frames) {
        if (frame === passed) frame.setAttribute('aria-current', 'true');
        else frame.removeAttribute('aria-current');
      }
    };
    media.addEventListener('timeupdate', mark);
  }
}
