/** Options that may be given more than once. */
import { Option } from 'commander';

/** An option whose values add up. */
export function several(flags: string, description: string): Option {
  return new Option(flags, `${description}; may be given more than once`)
    .argParser<string[]>((value, before) => [...before, value])
    .default([], 'none');
}
