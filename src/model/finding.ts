/** What verification found at one place. */

/** `ok`: it is as it was. The message says what was found, in words. */
export interface Finding {
  /** `null` for what is about no capture alone: the log and its checkpoints. */
  captureId: string | null;
  /** What was looked at: `manifest`, `catalog`, or the name of an artifact. */
  subject: string;
  ok: boolean;
  message: string;
}
