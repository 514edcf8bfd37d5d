/** Speech as text, where the settings name a program for it. */
import { createHash } from 'node:crypto';
import { isOriginal } from '../../catalog/held-files.ts';
import type { CapturedText } from '../../catalog/texts.ts';
import { type Transcript, transcribe } from '../../media/inspect/transcribe.ts';
import type { MadeDerivation } from '../../model/derivation.ts';
import { storeJson } from '../plan-file.ts';
import { type Deriver, type Deriving, isRecording, wantedOf } from './deriver.ts';

export const transcript: Deriver = {
  kind: 'transcript',
  tools: [],
  wanted: ({ artifacts }, { config }) =>
    config.inside.transcriber === null
      ? []
      : wantedOf(
          'transcript',
          artifacts.filter((artifact) => isOriginal(artifact) && isRecording(artifact)),
        ),
  key: async ({ parts }) => {
    const command = JSON.stringify(parts.config.inside.transcriber);
    return `transcript/1 ${createHash('sha256').update(command).digest('hex')}`;
  },
  make: write,
};

async function write({ parts, wanted, signal }: Deriving): Promise<MadeDerivation> {
  const { subject: sha256 } = wanted;
  const recording = { path: await parts.vault.path(sha256), sha256 };
  const { mediaTimeoutMs } = parts.config.limits;
  const command = parts.config.inside.transcriber ?? [];
  const made = await transcribe(command, recording, mediaTimeoutMs, signal);
  const kept = await storeJson(parts, 'transcript', 'transcript.json', made);
  const facts = { files: made.files, language: made.language };
  return {
    state: 'done',
    reason: null,
    files: [{ ...kept, derivedFrom: sha256, facts }],
    arguments: { program: command[0] ?? null },
    detail: { segments: made.segments.length },
  };
}

export function spokenText(
  name: string,
  readFrom: string,
  { segments }: Pick<Transcript, 'segments'>,
): CapturedText {
  const body = segments.map(({ text }) => text).join('\n');
  return { name, kind: 'transcript', readFrom, body };
}
