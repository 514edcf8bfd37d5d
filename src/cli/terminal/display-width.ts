/** Text as a terminal shows it: wide for East Asian signs and emoji, nothing for combining marks. */

const signs = new Intl.Segmenter();
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Extended_Pictographic}/u;
/** Most of what is printed, and counted in no time. */
const plain = /^[\x20-\x7e]*$/;

/** Columns that a terminal needs for it. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const { segment } of signs.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

/** Cut to so many columns, with a sign that it was. */
export function shortened(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const kept: string[] = [];
  let used = 1;
  for (const { segment } of signs.segment(text)) {
    used += displayWidth(segment);
    if (used > width) break;
    kept.push(segment);
  }
  return `${kept.join('')}…`;
}

/** Lines of at most so many columns, broken between words; a longer word, such as a path, stays whole. */
export function wrapped(text: string, width: number): string[] {
  if (displayWidth(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
