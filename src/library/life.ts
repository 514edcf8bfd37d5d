/** What is under way in an open archive: stopped, and waited for, before it is closed. */
import { closeAll } from '../base/close-all.ts';
import { UsageError } from '../base/errors.ts';

export interface Life {
  /** Raised by `end`; its reason is what verbs then reject with. */
  readonly ended: AbortSignal;
  /** @throws UsageError `closed` */
  refuseIfOver(): void;
  /** Runs a verb, which the caller's signal or the end stops. @throws UsageError `closed` */
  run<Result>(
    signal: AbortSignal | undefined,
    verb: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result>;
  /** Has this closed at the end, before anything that was there earlier. */
  closeLater(close: () => Promise<void>): void;
  /** Stops what runs, waits for it, closes in reverse. Once. */
  end(): Promise<void>;
}

/** @param close what is closed last of all */
export function startLife(close: () => Promise<void>): Life {
  const ending = new AbortController();
  const running = new Set<Promise<unknown>>();
  const closers = [close];
  let over: Promise<void> | null = null;
  const life: Life = {
    ended: ending.signal,
    refuseIfOver: () => ending.signal.throwIfAborted(),
    run: async (signal, verb) => {
      life.refuseIfOver();
      signal?.throwIfAborted();
      using both = eitherOf(signal, ending.signal);
      const work = verb(both.signal);
      const settled = work.then(
        () => undefined,
        () => undefined,
      );
      running.add(settled);
      return await work.finally(() => running.delete(settled));
    },
    closeLater: (closer) => void closers.push(closer),
    end: () => {
      ending.abort(new UsageError('closed', 'this archive was closed: open it again'));
      over ??= Promise.all(running).then(() => closeAll(closers.toReversed()));
      return over;
    },
  };
  return life;
}

/** A signal of its own, and no listener left on the others afterwards. */
export function eitherOf(
  ...signals: (AbortSignal | undefined)[]
): { signal: AbortSignal } & Disposable {
  const own = new AbortController();
  const raised = (event: Event) => own.abort((event.target as AbortSignal).reason);
  for (const signal of signals) {
    if (signal?.aborted) own.abort(signal.reason);
    signal?.addEventListener('abort', raised);
  }
  return {
    signal: own.signal,
    [Symbol.dispose]: () => {
      for (const signal of signals) signal?.removeEventListener('abort', raised);
    },
  };
}
