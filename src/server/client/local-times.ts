/** Every time is UTC and says so; hovering it tells the time of this place, with its zone. */

export function addLocalTimes(): void {
  const words = new Intl.DateTimeFormat(document.documentElement.lang, {
    dateStyle: 'full',
    timeStyle: 'long',
  });
  for (const element of document.querySelectorAll('time[datetime]')) {
    const at = new Date(element.getAttribute('datetime') ?? '');
    if (!Number.isNaN(at.getTime())) element.setAttribute('title', words.format(at));
  }
}
