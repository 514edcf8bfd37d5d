/** All kinds, in the order of the table of proofs. */
import { drawn } from './drawn.ts';
import { answered } from './elsewhere/answered.ts';
import { covered } from './elsewhere/covered.ts';
import { documents } from './elsewhere/documents.ts';
import { framed } from './elsewhere/framed.ts';
import { panes } from './elsewhere/panes.ts';
import { pictured } from './elsewhere/pictured.ts';
import { wheeled } from './elsewhere/wheeled.ts';
import { wired } from './elsewhere/wired.ts';
import { hanging } from './hanging.ts';
import type { PageKind } from './kind.ts';
import { read } from './read.ts';
import { scrolled } from './scrolled.ts';

/** What users of other archivers met, and of drivers of browsers. */
const metElsewhere = [
  ...wheeled,
  ...panes,
  ...pictured,
  ...wired,
  ...answered,
  ...documents,
  ...framed,
  ...covered,
];

export const pageKinds: PageKind[] = [...drawn, ...hanging, ...scrolled, ...read, ...metElsewhere];
