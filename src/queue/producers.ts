/** The queues and the tree producer of one process, made when first used. */
import type { EventEmitter } from 'node:events';
import { closeAll } from '../base/close-all.ts';
import type { Log } from '../base/log.ts';
import type { Backend, StageQueue, TreeProducer } from './backend.ts';
import type { StageName } from './jobs.ts';

export interface Producers {
  queue(stage: StageName): Promise<StageQueue>;
  trees(): Promise<TreeProducer>;
  close(): Promise<void>;
}

type Producer = StageQueue | TreeProducer;

export function openProducers(backend: Backend, log: Log): Producers {
  const made = new Map<string, Producer>();

  /** A producer that could not connect at first never will: it is dropped, and made anew next time. */
  async function ready<P extends Producer>(name: string, make: () => P): Promise<P> {
    const producer = (made.get(name) as P | undefined) ?? make();
    if (!made.has(name)) {
      made.set(name, producer);
      // The one who asks gets the error; without a listener it would end the process.
      const emitter: EventEmitter = producer;
      emitter.on('error', (error: Error) =>
        log.debug({ queue: name, err: error }, 'queue trouble'),
      );
    }
    try {
      await producer.waitUntilReady();
      return producer;
    } catch (error) {
      // Another one may be there by now, made by who failed sooner.
      if (made.get(name) === producer) made.delete(name);
      await producer.close().catch(() => undefined);
      throw error;
    }
  }

  return {
    queue: (stage) => ready(stage, () => backend.makeQueue(stage)),
    trees: () => ready('trees', () => backend.makeTreeProducer()),
    close: async () => {
      const all = [...made.values()];
      made.clear();
      await closeAll(all.map((producer) => () => producer.close()));
    },
  };
}
