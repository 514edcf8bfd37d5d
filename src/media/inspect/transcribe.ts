/**
 * Speech, written down by a program of the operator's choice; off unless
 * `HOLDFAST_TRANSCRIBER` names one, as a JSON array: `["/opt/stt/run", "--model", "/opt/stt/m.bin"]`.
 *
 * It is called with the path of the recording as its last argument, confined like every tool
 * that reads files from strangers: no network, an empty folder to work in, and of the machine's
 * files only programs, libraries, the recording and what the command itself names (a folder of
 * models, say). It prints one JSON document:
 *
 *     {"language": "ar", "segments": [{"startMs": 0, "endMs": 1200, "text": "…"}]}
 *
 * Which program and which models it was, by digest, is part of what is kept: every argument
 * that is a file is hashed. A transcript is a machine's guess and is named as one.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { PermanentError, UnreachableError } from '../../base/errors.ts';
import { sha256OfFile } from '../../base/file-digest.ts';
import { isMissing, runConfined } from '../tools/confine.ts';

const answer = z.object({
  language: z.string().max(40).nullable().default(null),
  segments: z.array(
    z.object({
      startMs: z.number().int().nonnegative(),
      endMs: z.number().int().nonnegative(),
      text: z.string().max(100_000),
    }),
  ),
});

export interface Transcript extends z.infer<typeof answer> {
  schema: 'holdfast.transcript/1';
  /** SHA-256 of the recording. */
  recording: string;
  /** By argument: SHA-256 of the files that the command names, the program among them. */
  files: Record<string, string>;
  command: string[];
}

const answerMaxChars = 16 * 1024 * 1024;

/** @throws UnreachableError `tool-missing`; PermanentError `transcriber-failed`; the signal's reason */
export async function transcribe(
  command: string[],
  recording: { path: string; sha256: string },
  timeLimitMs: number,
  signal: AbortSignal,
): Promise<Transcript> {
  const [executable = '', ...options] = command;
  let text = '';
  const onLine = (line: string) => {
    if (text.length < answerMaxChars) text += `${line}\n`;
  };
  const { broke, complaints } = await inScratchFolder((folder) =>
    runConfined(
      {
        executable,
        options: [...options, recording.path],
        inputs: [recording.path],
        operators: options,
        folder,
        timeLimitMs,
        yielding: true,
        onLine,
      },
      signal,
    ),
  );
  if (broke !== null && isMissing(broke)) {
    throw new UnreachableError('tool-missing', `can't run ${executable}: see HOLDFAST_TRANSCRIBER`);
  }
  const parsed = answer.safeParse(jsonOf(text));
  if (broke !== null || !parsed.success) {
    const why = broke ?? 'it printed no transcript';
    throw new PermanentError('transcriber-failed', `${why}: ${complaints.at(-1) ?? ''}`);
  }
  const files = await digestsOf(command);
  return {
    schema: 'holdfast.transcript/1',
    recording: recording.sha256,
    command,
    files,
    ...parsed.data,
  };
}

/** Such programs lay down what they hear in pieces. */
async function inScratchFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-transcript-'));
  return work(folder).finally(() => rm(folder, { recursive: true, force: true }));
}

async function digestsOf(command: string[]): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const argument of command) {
    const isFile = await stat(argument).then(
      (found) => found.isFile(),
      () => false,
    );
    if (!isFile) continue;
    digests[argument] = await sha256OfFile(argument);
  }
  return digests;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
