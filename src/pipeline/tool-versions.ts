/** Which tools, in which versions, a capture is made with: part of every manifest. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Database } from '../catalog/database.ts';
import type { ToolConfig } from '../config.ts';
import { toolEnvironment } from '../config.ts';
import { chromiumPath } from '../page/browser.ts';

const run = promisify(execFile);

export async function toolVersions(
  tools: ToolConfig,
  database: Database,
): Promise<Record<string, unknown>> {
  const chromium = await chromiumPath(tools).catch(() => null);
  return {
    holdfast: await ownVersion(),
    node: process.version,
    chromium: chromium === null ? null : await firstLine(chromium, ['--version']),
    ffmpeg: await firstLine(tools.ffmpeg, ['-version']),
    ffprobe: await firstLine(tools.ffprobe, ['-version']),
    postgresql: await serverVersion(database),
    system: `${process.platform} ${process.arch}`,
  };
}

export async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version);
}

/** First line of what a tool says of itself; `null` when it is not there. */
export async function firstLine(command: string, args: string[]): Promise<string | null> {
  try {
    const { stdout } = await run(command, args, { timeout: 10_000, env: toolEnvironment() });
    return stdout.split('\n')[0]?.trim() || null;
  } catch {
    return null;
  }
}

async function serverVersion(database: Database): Promise<string> {
  const { rows } = await database.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  return rows[0]?.version ?? 'unknown';
}
