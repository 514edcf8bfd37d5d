/** First stage: where does the link lead, what do the records say, what is to be done? */

import { NotFoundError, ThrottledError, TransientError } from '../../base/errors.ts';
import { captureById } from '../../catalog/captures.ts';
import { submissionById } from '../../catalog/submissions.ts';
import type { CapturePlan } from '../../model/plan.ts';
import type { Answer, SourceRecord } from '../../platforms/platform.ts';
import type { TreeNode } from '../../queue/jobs.ts';
import { askAndKeep } from '../ask.ts';
import { observationsFrom } from '../observations.ts';
import { type Parts, type StageRun, timeNow } from '../parts.ts';
import { hasPlan, plannedStep, planOf, storePlan } from '../plan-file.ts';
import { runStep, type StepResult } from '../run-step.ts';
import { captureTree } from '../stages.ts';
import { concludeAbout, ruleOf } from '../watching/conclude.ts';
import { storeClientWarc } from './client-warc.ts';
import { askThirdParty } from './wayback.ts';

/** Records the source by every route it needs and returns the tree of stages that follows. */
export async function resolveCapture(parts: Parts, run: StageRun): Promise<TreeNode> {
  const { database } = parts;
  const capture = await captureById(database, run.captureId);
  if (capture === null) throw new NotFoundError('no-capture', `no capture ${run.captureId}`);
  const submission = await submissionById(database, capture.submissionId);
  const platform = await parts.platformOf(capture.sourceKey);
  await runStep(parts, run, { name: 'record', required: true }, async () => {
    const kept = askAndKeep(parts, run.signal);
    const record = await platform.record(
      { source: capture.sourceKey, link: submission?.link ?? '', facts: submission?.facts ?? {} },
      kept.ask,
      run.signal,
    );
    await waitWhereAsked(parts, run, record);
    await comeBackIfUnreachable(parts, run, record);
    const result = await asResult(parts, capture.sourceKey, record, kept.answers);
    const step = { step: 'record' as const, captureId: run.captureId };
    const warc = await storeClientWarc(parts, step, kept.journal, run.signal);
    return { ...result, artifacts: [...kept.artifacts, ...(result.artifacts ?? []), ...warc] };
  });
  const plan = await planOrNone(parts, run.captureId);
  const source = plan.source ?? capture.sourceKey;
  await askThirdParty(parts, run, source);
  // A conclusion, not evidence: should this be cut short, the next check draws it.
  await concludeAbout(parts, [source]);
  return captureTree(plan);
}

/** A source whose record failed for good has no plan: there is nothing to do but to seal that. */
async function planOrNone(
  parts: Parts,
  captureId: string,
): Promise<Pick<CapturePlan, 'shape' | 'steps'> & { source?: string }> {
  const none = { shape: 'page', steps: [] } as const;
  return (await hasPlan(parts, captureId)) ? planOf(parts, captureId) : { ...none, steps: [] };
}

/** Nothing was reached at all: another attempt may do better. */
async function comeBackIfUnreachable(
  { egress }: Pick<Parts, 'egress'>,
  run: StageRun,
  record: SourceRecord,
): Promise<void> {
  if (record.verdict.reason !== 'unreachable') return;
  if (run.lastAttempt && !(await egress.wayOut.isGone())) return;
  const why = record.readings.find(({ signal }) => signal === 'unreachable')?.answer;
  throw new TransientError(
    'unreachable',
    `${why?.url ?? record.source} could not be reached: ${why?.failure ?? 'no answer'}`,
  );
}

/** Only rate limits stood in the way: come back when the host says, rather than record a blank. */
async function waitWhereAsked(
  parts: Pick<Parts, 'config' | 'pace'>,
  run: StageRun,
  record: SourceRecord,
): Promise<void> {
  const { retryAfterMs } = record.verdict;
  if (retryAfterMs === undefined || run.waitedMs >= parts.config.queue.maxWaitMs) return;
  const limited = record.readings.find((reading) => reading.signal === 'rate-limited');
  const host = new URL(limited?.answer.url ?? 'https://unknown.invalid').hostname;
  await parts.pace.pushBack(host, retryAfterMs);
  throw new ThrottledError(host, retryAfterMs);
}

async function asResult(
  parts: Parts,
  asked: string,
  record: SourceRecord,
  answers: Answer[],
): Promise<StepResult> {
  const plan = await storePlan(parts, record.plan);
  return {
    required: plannedStep(record.plan, 'record').required,
    state: record.verdict.state,
    reason: record.verdict.reason,
    detail: {
      hops: record.hops,
      warnings: record.warnings,
      // Of the conclusion that follows, which can be drawn again when the settings are others.
      rule: ruleOf(parts),
      readings: record.readings.map(({ route, signal, statement }) => ({
        route,
        signal,
        statement,
      })),
    },
    artifacts: [plan],
    observations: observationsFrom(parts, record.source, record.readings, answers),
    aliases:
      record.source === asked
        ? []
        : [
            {
              aliasKey: asked,
              sourceKey: record.source,
              hops: record.hops,
              seenAt: timeNow(parts),
            },
          ],
    post: record.post,
    events: record.warnings.map(({ code, message }) => ({
      kind: code,
      sourceKey: record.source,
      detail: { message },
      at: timeNow(parts),
    })),
  };
}
