/** Keys: `/` searches, `j` and `k` go through a list, `[` and `]` to neighbours, `g` and a letter to a page. */

const places: Record<string, string> = {
  o: '/',
  i: '/items',
  a: '/add',
  q: '/queue',
  t: '/takedowns',
  d: '/duplicates',
  w: '/watches',
  c: '/cases',
};

let goes = false;

export function addKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (act(event.key)) event.preventDefault();
  });
}

/** Letters are words where somebody types, and steer where something is played. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input, textarea, select, video, audio, [contenteditable]') !== null
  );
}

function act(key: string): boolean {
  if (goes) {
    goes = false;
    return go(places[key]);
  }
  if (key === 'g') {
    goes = true;
    return true;
  }
  if (key === 'j' || key === 'k') return step(key === 'j' ? 1 : -1);
  const pressed = buttonFor(key);
  if (pressed !== null) {
    pressed.click();
    return true;
  }
  const element = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  if (element === null) return false;
  if (element instanceof HTMLInputElement) element.focus();
  else element.click();
  return true;
}

/** Of what is looked at; what stands in nothing of the kind is pressed from everywhere. */
function buttonFor(key: string): HTMLElement | null {
  const press = `[data-press="${CSS.escape(key)}"]`;
  const here = document.activeElement?.closest('[data-presses]') ?? null;
  return (
    here?.querySelector<HTMLElement>(press) ??
    [...document.querySelectorAll<HTMLElement>(press)].find(
      (button) => button.closest('[data-presses]') === null,
    ) ??
    null
  );
}

function go(place: string | undefined): boolean {
  if (place === undefined) return false;
  const link = [...document.querySelectorAll<HTMLAnchorElement>('.side nav a')].find((one) =>
    place === '/'
      ? one.pathname.split('/').length === 3 && one.pathname.endsWith('/')
      : one.pathname.endsWith(place),
  );
  link?.click();
  return link !== undefined;
}

/** To the next link of the list on this page. */
function step(by: number): boolean {
  const links = [...document.querySelectorAll<HTMLElement>('main :is(a.title, a.card, .lines a)')];
  if (links.length === 0) return false;
  const at = links.indexOf(document.activeElement as HTMLElement);
  const next = links[Math.min(Math.max(at + by, 0), links.length - 1)];
  next?.focus();
  return next !== undefined;
}
