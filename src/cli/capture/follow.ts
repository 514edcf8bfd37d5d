/** Which links of a text are taken: the flags, what is said of the rest, and a question before many. */
import { createInterface } from 'node:readline/promises';
import { type Command, Option } from 'commander';
import { plural } from '../../base/plural.ts';
import {
  type AsideLink,
  type AsideReason,
  type FollowChoice,
  type FollowLevel,
  followLevels,
} from '../../model/submission.ts';

export interface FollowFlags {
  follow?: FollowLevel;
  platform?: string;
  sameHost?: boolean;
}

export function following(command: Command): Command {
  const level = new Option(
    '--follow <what>',
    'which links of a text or page: embeds (posts, clips, files), body (the default: and what the text links to), all (and menus, footers), or none',
  );
  return command
    .addOption(level.choices(followLevels))
    .option('--platform <names>', 'only links of these, comma-separated: x,telegram,youtube,web…')
    .option('--same-host', 'only links to the site that the page is of');
}

export function choiceFrom({ follow, platform, sameHost }: FollowFlags): FollowChoice {
  const platforms = platform?.split(',').map((name) => name.trim().toLowerCase());
  return { follow, platforms, sameHost };
}

const kinds: [AsideReason, one: string, more: string, toTakeThem: string | null][] = [
  ['navigation', 'in a menu, footer or sidebar', 'in menus, footers and sidebars', '--follow all'],
  ['related', 'to another page of the site', 'to other pages of the site', '--follow all'],
  ['share', 'share button', 'share buttons', '--follow all'],
  ['not-asked-for', 'beyond --follow', 'beyond --follow', '--follow body'],
  ['other-platform', 'of another platform', 'of other platforms', 'no --platform'],
  ['other-host', 'to another site', 'to other sites', 'no --same-host'],
  ['no-page', 'that leads to no page', 'that lead to no page', null],
];

/** One line on stderr, or none. */
export function reportAside(aside: AsideLink[]): void {
  if (aside.length === 0) return;
  const found = kinds.flatMap(([why, one, more, toTakeThem]) => {
    const count = aside.filter((link) => link.why === why).length;
    return count === 0 ? [] : [{ words: plural(count, one, more), toTakeThem }];
  });
  const ways = [...new Set(found.flatMap(({ toTakeThem }) => toTakeThem ?? []))].join(', ');
  const how = ways === '' ? '' : ` (to take them: ${ways}; holdfast links lists them)`;
  const links = plural(aside.length, 'link');
  console.error(`${links} left aside: ${found.map(({ words }) => words).join(', ')}${how}`);
}

const many = 50;

/** False: a person at a terminal doesn't want so many after all. Nobody else is asked. */
export async function agreesTo(count: number, inputs: string[], yes = false): Promise<boolean> {
  const isAsked = process.stdin.isTTY && process.stderr.isTTY && !inputs.includes('-');
  if (count <= many || yes || !isAsked) return true;
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asking.question(`${count} links: capture all of them? [y/N] `);
    return /^\s*y/i.test(answer);
  } finally {
    asking.close();
  }
}
