/** What other programs add to the queue `submit`: read with suspicion, then exactly what `add` does. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { PermanentError } from '../../base/errors.ts';
import { chooseLinks } from '../../links/choose-links.ts';
import type { AsideLink, Submitted } from '../../model/submission.ts';
import type { Queue, StageJob } from '../../queue/queue.ts';
import type { Parts } from '../parts.ts';
import { addRequested } from './add.ts';
import { problemsIn, submitOptions, withoutChoice, word } from './options.ts';

/** Version of the payload that this program reads, as it stands in it. */
export const submitPayload = 'holdfast.submit/1';

export const mostTextBytes = 1024 * 1024;
export const mostLinks = 10_000;

// Looking with somebody's log-in is for people at the machine that has it.
const { case: caseName, by, profile: _, ...options } = submitOptions;

const payload = z.strictObject({
  schema: z.literal(submitPayload),
  text: word,
  case: caseName,
  by: by.unwrap(),
  options: z.strictObject(options).optional(),
});

/** The job's result. */
export interface SubmitResult {
  schema: 'holdfast.submitted/1';
  /** One a link that was taken: posts and clips first, otherwise in order of appearance. */
  submissions: Submitted[];
  /** Links that were seen and not taken, where there are any. */
  leftAside?: AsideLink[];
}

/**
 * A job that is run again gives what it gave before.
 * @throws PermanentError `bad-payload`, `too-large`, `no-links`, `too-many-links`; UsageError
 *   `bad-plan`, `too-long`
 */
export async function submitFromJob(
  parts: Parts,
  queue: Queue,
  job: Pick<StageJob, 'id' | 'addedAt' | 'data'>,
): Promise<SubmitResult> {
  const { text, case: caseName, by, options = {} } = readPayload(job.data);
  const { choice, terms: termsAndFormat } = withoutChoice(options);
  const { format, ...terms } = termsAndFormat;
  const { followed: links, aside } = chooseLinks(text, choice, format);
  if (links.length === 0) {
    throw new PermanentError('no-links', 'the text holds no link that could be captured');
  }
  if (links.length > mostLinks) {
    throw new PermanentError(
      'too-many-links',
      `the text holds ${links.length} links; a job may bring ${mostLinks}: add several`,
    );
  }
  const asked = { ...terms, case: caseName, by, origin: 'program', batchId: batchOf(job) } as const;
  const submissions = await addRequested(parts, queue, links, asked);
  return { schema: 'holdfast.submitted/1', submissions, ...tellAside(aside) };
}

/** As many as links may be brought; a result is no place for a whole site map. */
function tellAside(aside: AsideLink[]): Pick<SubmitResult, 'leftAside'> {
  return aside.length === 0 ? {} : { leftAside: aside.slice(0, mostLinks) };
}

function readPayload(data: unknown): z.infer<typeof payload> {
  const parsed = payload.safeParse(data);
  if (!parsed.success) {
    throw new PermanentError('bad-payload', `not a ${submitPayload}: ${problemsIn(parsed.error)}`);
  }
  if (Buffer.byteLength(parsed.data.text) > mostTextBytes) {
    throw new PermanentError(
      'too-large',
      `the text is over ${mostTextBytes} bytes: add several jobs`,
    );
  }
  return parsed.data;
}

/**
 * The same job gives the same id: a UUIDv7 of when it was added, since records of the vault
 * are in order by their names, with its name in place of chance.
 */
function batchOf({ id, addedAt }: Pick<StageJob, 'id' | 'addedAt'>): string {
  const ms = Math.min(Math.max(Math.trunc(addedAt.getTime()) || 0, 0), 2 ** 48 - 1);
  const bytes = createHash('sha256').update(`submit ${id} ${addedAt.getTime()}`).digest();
  bytes.writeUIntBE(ms, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes
    .toString('hex', 0, 16)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
