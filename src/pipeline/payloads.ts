/** Job data is unknown until it has been read here. */
import { z } from 'zod';
import { PermanentError } from '../base/errors.ts';

const capturePayload = z.object({ captureId: z.uuid(), round: z.number().int().nonnegative() });

export type CapturePayload = z.infer<typeof capturePayload>;

/** @throws PermanentError `bad-payload` */
export function parseCapturePayload(data: unknown): CapturePayload {
  const parsed = capturePayload.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new PermanentError('bad-payload', `job data is not a capture: ${parsed.error.message}`);
}
