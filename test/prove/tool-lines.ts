/** The versions that stand above every proof and measurement. */
import { firstLine, ownVersion } from '../../src/pipeline/tool-versions.ts';

export async function toolLines(): Promise<string[]> {
  return [
    `holdfast ${await ownVersion()}, node ${process.version}`,
    (await firstLine('chromium', ['--version'])) ?? 'no chromium',
    (await firstLine('ffmpeg', ['-version'])) ?? 'no ffmpeg',
    (await firstLine('redis-server', ['--version'])) ?? 'no redis',
  ];
}
