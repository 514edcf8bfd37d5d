/** Numbers of things, for people: `1 capture`, `2 captures`, `1 entry`, `2 entries`. */
export function plural(number: number, one: string, more = `${one}s`): string {
  return `${number} ${number === 1 ? one : more}`;
}
