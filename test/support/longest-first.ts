/** Files that run the whole program come first, so that none of them is the last one left running alone. */
import { readFileSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** From the longest on; a file is told by what it imports. */
const heavy = [/\.\/prove\//, /support\/holdfast\.ts/, /browser\/browser\.ts|support\/queues\.ts/];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const ranks = new Map(sorted.map((file) => [file, rankOf(file.moduleId)]));
    return sorted.toSorted((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
  }
}

function rankOf(path: string): number {
  const source = readFileSync(path, 'utf8');
  const rank = heavy.findIndex((sign) => sign.test(source));
  return rank === -1 ? heavy.length : rank;
}
