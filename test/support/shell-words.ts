/** Reads a line of a document as a shell would, as far as documents go: quotes, pipes, redirections. */

/** The arguments of every `holdfast` that the line starts, whatever stands before it. */
export function holdfastCommands(line: string): string[][] {
  return pipelineOf(line).flatMap((words) => {
    const at = words.findIndex((word) => /^(?:bin\/)?holdfast$/.test(word));
    if (at === -1) return [];
    const given = words[at - 1] === 'xargs' ? ['from-standard-input'] : [];
    return [[...words.slice(at + 1), ...given]];
  });
}

/** The words of each command, without comments, and without what is redirected where. */
function pipelineOf(line: string): string[][] {
  const token = /\s*(?:(#.*)|(\||&&)|>\s*(\S+)|((?:'[^']*'|"[^"]*"|[^\s|'"])+))/gy;
  const commands: string[][] = [[]];
  for (const [, comment, next, , word] of line.matchAll(token)) {
    if (comment !== undefined) break;
    if (next !== undefined) commands.push([]);
    if (word !== undefined) commands.at(-1)?.push(word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'));
  }
  return commands;
}
