import type { Command } from 'commander';
import { UsageError } from '../../base/errors.ts';
import { write } from '../terminal/output.ts';

/** Prints a script for the shell, made from the verbs and options as they are. */
export function completion(shell: string, command: Command): void {
  const program = command.parent ?? command;
  const verbs = program.commands.map((verb) => ({
    name: verb.name(),
    options: [...verb.options, ...program.options].flatMap((option) => option.long ?? []),
  }));
  const scripts: Record<string, () => string> = {
    bash: () => bash(verbs),
    zsh: () => zsh(verbs),
    fish: () => fish(verbs),
  };
  const script = scripts[shell];
  if (script === undefined)
    throw new UsageError(
      'no-such-shell',
      `"${shell}" is not a supported shell: use bash, zsh or fish`,
    );
  write(script());
}

interface Verb {
  name: string;
  options: string[];
}

function bash(verbs: Verb[]): string {
  const names = verbs.map(({ name }) => name).join(' ');
  const cases = verbs.map(({ name, options }) => `    ${name}) words="${options.join(' ')}" ;;`);
  return String.raw`_holdfast() {
  local words current="\${COMP_WORDS[COMP_CWORD]}"
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  [ "$COMP_CWORD" = 1 ] && words="${names}"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ "$COMPREPLY" ] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _holdfast holdfast`.replaceAll('\\$', '$');
}

function zsh(verbs: Verb[]): string {
  return ['autoload -U +X bashcompinit && bashcompinit', bash(verbs)].join('\n');
}

function fish(verbs: Verb[]): string {
  return verbs
    .flatMap(({ name, options }) => [
      `complete -c holdfast -n __fish_use_subcommand -a ${name}`,
      ...options.map(
        (option) =>
          `complete -c holdfast -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}`,
      ),
    ])
    .join('\n');
}
