/** The versions that stand above every proof and measurement. */
import { ownVersion } from '../../src/base/own-package.ts';
import { firstLine } from '../../src/pipeline/tool-versions.ts';

export async function toolLines(): Promise<string[]> {
  return [
    `holdfast ${ownVersion()}, node ${process.version}`,
    (await firstLine('chromium', ['--version'])) ?? 'no chromium',
    (await firstLine('ffmpeg', ['-version'])) ?? 'no ffmpeg',
    (await firstLine('redis-server', ['--version'])) ?? 'no redis',
  ];
}
