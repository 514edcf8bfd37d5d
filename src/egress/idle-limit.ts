/** A body that fails when its sender falls silent, and never because its reader is slow. */
import { type Readable, Transform } from 'node:stream';
import { TransientError } from '../base/errors.ts';

export interface IdleLimitOptions {
  idleTimeoutMs: number;
  signal: AbortSignal;
  /** What an error of the source means to the reader. */
  failure: (error: unknown) => Error;
  onBytes?: ((chunk: Buffer) => void) | undefined;
}

export function idleLimit(source: Readable, options: IdleLimitOptions): Readable {
  const { idleTimeoutMs, signal, failure } = options;
  const body = new Transform({
    transform(chunk, _encoding, done) {
      timer.refresh();
      options.onBytes?.(chunk);
      done(null, chunk);
    },
  });
  const timer = setTimeout(() => {
    if (body.readableLength >= body.readableHighWaterMark) timer.refresh();
    else
      body.destroy(new TransientError('timed-out', `no byte came for ${idleTimeoutMs / 1000} s`));
  }, idleTimeoutMs);
  const stop = () => body.destroy(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  // It may fail before anybody reads it: that must not end the process, and its reader hears of it.
  body.on('error', () => {});
  source.once('error', (error) => body.destroy(failure(error)));
  source.once('end', () => clearTimeout(timer));
  body.once('close', () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    source.destroy();
  });
  return source.pipe(body);
}
