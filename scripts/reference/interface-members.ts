/** Reads the members of an interface, with their comments, out of its source. */

export interface Member {
  name: string;
  signature: string;
  /** Its comment, in Markdown. */
  about: string;
}

/** @throws Error where the source has no such interface */
export function interfaceMembers(source: string, name: string): Member[] {
  const found = new RegExp(`export interface ${name}\\b[^{]*\\{\\n(.*?)\\n\\}`, 's').exec(source);
  if (found?.[1] === undefined) throw new Error(`no interface ${name}`);
  const member = /(?: {2}\/\*\*(?<comment>.*?)\*\/\n)? {2}(?<name>\w+)(?<rest>[(<?:].*?;)\n/gs;
  return [...`${found[1]}\n`.matchAll(member)].map(({ groups }) => ({
    name: groups?.name ?? '',
    signature: `${groups?.name}${groups?.rest}`.replaceAll('\n  ', '\n'),
    about: inMarkdown(groups?.comment ?? ''),
  }));
}

function inMarkdown(comment: string): string {
  return comment
    .replace(/^\s*\* ?/gm, '')
    .trim()
    .replace(/\s*@throws /g, '\n\nThrows ')
    .replace(/\s*@param (\w+) /g, '\n\n`$1`: ')
    .trim();
}
