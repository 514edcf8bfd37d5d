/** Every kind of lie. */
import type { Lie } from './lie.ts';
import { liesOfCaches } from './lies-of-caches.ts';
import { liesOfPages } from './lies-of-pages.ts';
import { liesOfSize } from './lies-of-size.ts';
import { liesOfWorkers } from './lies-of-workers.ts';

export const allLies: Lie[] = [...liesOfCaches, ...liesOfWorkers, ...liesOfPages, ...liesOfSize];
