/**
 * The demonstration: a report about a patrol near Qamishli and the two posts that it embeds.
 * Real people are named in the founding story, so everything here says that it is a stand-in:
 * the texts are ours, the ids are synthetic (valid moments of 2020-02-12; the real ones are
 * unknown), and DEMONSTRATION stands on every picture and frame.
 */
import { twelveSecondClip } from './content.ts';
import type { Account, NewPost } from './post.ts';
import { newsHost, reportPage } from './sites/news.ts';
import { blockquote } from './sites/oembed.ts';
import type { World } from './world.ts';

/** Account ids are synthetic too: small numbers that the platform never gave to these names. */
const clipAuthor: Account = {
  id: '90000001',
  handle: 'BabakTaghvaee',
  name: 'Babak Taghvaee [demonstration]',
};
const statementAuthor: Account = {
  id: '90000002',
  handle: 'OIRSpox',
  name: 'OIR Spokesman [demonstration]',
};

/** Synthetic: 14:30:00.000 and 18:13:24.000 UTC of that day, the lower 22 bits all zero. */
export const syntheticIds = { clip: '1227600745067446272', statement: '1227656965518262272' };

export const clipCode = 'Wl1MGCMy3j';
export const statementCode = 'GcOPR6wfTJ';

const clipText =
  'Demonstration. This stand-in text was written for tests: it is not what the author posted. The clip shows test patterns only. #Qamishli';
const statementText =
  'Demonstration. This stand-in text was written for tests: it is not what the author posted. The picture shows a made-up statement. @CJTFOIR';

/** The two posts the way text copied from a news page has them: glued, without addresses. */
export const storyText = `Demonstration. Report on a patrol near Qamishli, 12 February 2020 (stand-in text, written for tests).

A convoy was stopped at a village checkpoint this morning, and a short clip of the scene was shared soon after.

${clipText} pic.twitter.com/${clipCode}
— ${clipAuthor.name} (@${clipAuthor.handle}) February 12, 2020

In the evening a spokesman published a statement as a picture.

${statementText}pic.twitter.com/${statementCode}
— ${statementAuthor.name} (@${statementAuthor.handle}) February 12, 2020
`;

export const reportUrl = `https://${newsHost}/2020/02/12/patrol-near-qamishli`;

const posts: NewPost[] = [
  {
    id: syntheticIds.clip,
    author: clipAuthor,
    text: clipText,
    mediaCode: clipCode,
    media: [{ kind: 'video', clip: twelveSecondClip }],
  },
  {
    id: syntheticIds.statement,
    author: statementAuthor,
    text: statementText,
    mediaCode: statementCode,
    media: [
      {
        kind: 'picture',
        altText: 'Demonstration: a typed page that says it is a stand-in',
        picture: { width: 1200, height: 1500, hue: 38, lines: statementLines() },
      },
    ],
  },
];

/** Adds posts, short links and the report; returns when their files are ready to be served. */
export async function addFoundingStory(world: World): Promise<void> {
  const added = posts.map((post) => world.addPost(post));
  world.addPage(reportUrl, { html: reportPage(added.map(blockquote)) });
  for (const { media } of added.flatMap((post) => ({ media: post.media ?? [] }))) {
    for (const one of media) {
      if (one.kind === 'picture') await world.content.picture(one.picture);
      else await world.content.clip(one.clip);
    }
  }
}

function statementLines(): string[] {
  return [
    'DEMONSTRATION STATEMENT',
    '',
    'This page was drawn by a program for tests and demonstrations.',
    'It is not the statement of any government or coalition.',
    '',
    'A stand-in paragraph takes the place of the text that was',
    'published on 12 February 2020. It describes nothing and nobody.',
    '',
    'It is long enough to have lines of differing length, so that a',
    'reader of the picture can tell whether text in it is legible',
    'after it was made smaller, and whether the whole page was kept.',
    '',
    'Nothing on this page may be quoted as a fact.',
    '',
    'End of the demonstration statement.',
  ];
}
