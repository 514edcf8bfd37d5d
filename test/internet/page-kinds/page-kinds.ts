/** All kinds, in the order of the table of proofs. */
import { drawn } from './drawn.ts';
import { hanging } from './hanging.ts';
import type { PageKind } from './kind.ts';
import { read } from './read.ts';
import { scrolled } from './scrolled.ts';

export const pageKinds: PageKind[] = [...drawn, ...hanging, ...scrolled, ...read];
