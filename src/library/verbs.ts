/** The verbs of the library: options read, then the same functions that the command line calls. */
import type { App, StartWorkers } from '../app.ts';
import { NotFoundError } from '../base/errors.ts';
import { captureIdFrom } from '../catalog/capture-id.ts';
import { chooseLinks } from '../links/choose-links.ts';
import type { CatalogEvent } from '../model/catalog-event.ts';
import type { Finding } from '../model/finding.ts';
import { facetsNamed, findNamed } from '../pipeline/answers/find.ts';
import { showCapture } from '../pipeline/answers/show.ts';
import { statusOf } from '../pipeline/answers/status.ts';
import { workUntilClosed } from '../pipeline/answers/until-closed.ts';
import { similarTo } from '../pipeline/copies/ask-similar.ts';
import { exportFiles } from '../pipeline/export/files.ts';
import { refuseUnknownRoles } from '../pipeline/export/roles.ts';
import { addRequested } from '../pipeline/requests/add.ts';
import { withoutChoice } from '../pipeline/requests/options.ts';
import type { WorkOptions } from '../pipeline/running-workers.ts';
import { verifyAll, verifyCapture } from '../pipeline/verify/captures.ts';
import { checkSource } from '../pipeline/watching/check.ts';
import {
  followEvents,
  placeToFollow,
  type StreamPlace,
} from '../pipeline/watching/follow-events.ts';
import { takedownsIn } from '../pipeline/watching/takedowns.ts';
import { watchSource } from '../pipeline/watching/watch.ts';
import type { Holdfast } from './holdfast.ts';
import { eitherOf, type Life, startLife } from './life.ts';
import {
  addOptions,
  archiveOptions,
  counted,
  eventOptions,
  exportOptions,
  period,
  question,
  readOptions,
  readText,
  readTexts,
  stoppable,
  watchOptions,
  workOptions,
} from './options.ts';
import { stopWhenDone, workOf } from './work.ts';

export function verbsOf(app: App, startWorkers: StartWorkers): Holdfast {
  const life = startLife(() => app.close());
  return {
    ...captureVerbs(app, life, startWorkers),
    ...questionVerbs(app, life),
    ...streams(app, life),
    close: () => life.end(),
    [Symbol.asyncDispose]: () => life.end(),
  };
}

type CaptureVerbs = Pick<Holdfast, 'add' | 'archive' | 'work' | 'watch' | 'check'>;

function captureVerbs(app: App, life: Life, startWorkers: StartWorkers): CaptureVerbs {
  const { parts } = app;
  return {
    add: async (text, given) => {
      const { format, ...options } = readOptions('add', addOptions, given);
      const { choice, terms } = withoutChoice(options);
      const { followed } = chooseLinks(readText('add', 'text', text), choice, format);
      return life.run(undefined, async () =>
        addRequested(parts, await app.queue(), followed, terms),
      );
    },
    archive: async (text, given) => {
      const { format, sealed, signal, ...options } = readOptions('archive', archiveOptions, given);
      const { choice, terms } = withoutChoice(options);
      const { followed, aside } = chooseLinks(readText('archive', 'text', text), choice, format);
      return life.run(signal, async (stop) => {
        const submitted = await addRequested(parts, await app.queue(), followed, terms);
        const ids = [...new Set(submitted.flatMap(({ captureId }) => captureId ?? []))];
        const start = (options: WorkOptions) => startWorkers(app, options);
        const captures =
          ids.length === 0
            ? []
            : await workUntilClosed(parts, start, ids, { sealed, signal: stop });
        return { submitted, captures, ...(aside.length === 0 ? {} : { leftAside: aside }) };
      });
    },
    work: async (given) => {
      const { untilDone, signal, ...options } = readOptions('work', workOptions, given);
      return life.run(signal, async () => {
        const work = workOf(await startWorkers(app, options), signal);
        life.closeLater(() => work.stop());
        if (untilDone) stopWhenDone(work, parts.database);
        return work;
      });
    },
    watch: async (source, plan, given) => {
      const options = readOptions('watch', watchOptions, given);
      const asked = [readText('watch', 'source', source), readText('watch', 'plan', plan)] as const;
      return life.run(undefined, () => watchSource(parts, ...asked, options));
    },
    check: async (source, given) => {
      const { signal } = readOptions('check', stoppable, given);
      const asked = readText('check', 'source', source);
      return life.run(signal, (stop) => checkSource(parts, asked, stop));
    },
  };
}

type QuestionVerbs = Pick<
  Holdfast,
  'find' | 'facets' | 'show' | 'similar' | 'takedowns' | 'status' | 'export'
>;

function questionVerbs(app: App, life: Life): QuestionVerbs {
  const { parts } = app;
  const idFrom = (id: string) => captureIdFrom(parts.database, id);
  return {
    find: async (given) => {
      const asked = readOptions('find', question, given);
      return life.run(undefined, (stop) => findNamed(parts, asked, stop));
    },
    facets: async (given) => {
      const asked = readOptions('facets', counted, given);
      return life.run(undefined, (stop) => facetsNamed(parts, asked, stop));
    },
    show: async (captureId) => {
      const asked = readText('show', 'capture id', captureId);
      return life.run(undefined, async () => {
        const record = await showCapture(parts, await idFrom(asked));
        if (record === null) throw new NotFoundError('no-capture', `there is no capture ${asked}`);
        return record;
      });
    },
    similar: async (what, given) => {
      const { signal } = readOptions('similar', stoppable, given);
      const asked = readText('similar', 'file or capture id', what);
      return life.run(signal, (stop) => similarTo(parts, asked, stop));
    },
    takedowns: async (given) => {
      const asked = readOptions('takedowns', period, given);
      return life.run(undefined, async () => takedownsIn(parts.database, asked));
    },
    status: async () => life.run(undefined, async () => statusOf(parts, await app.queue())),
    export: async (captureId, folder, given) => {
      const { roles, signal } = readOptions('export', exportOptions, given);
      const asked = readText('export', 'capture id', captureId);
      const to = readText('export', 'folder', folder);
      return life.run(signal, async (stop) => {
        const id = await idFrom(asked);
        const record = await showCapture(parts, id);
        if (record !== null) refuseUnknownRoles([record], roles ?? []);
        return exportFiles(parts, id, to, { roles }, stop);
      });
    },
  };
}

/** What is read piece by piece. Options are checked, and following begins, at the call. */
function streams(app: App, life: Life): Pick<Holdfast, 'events' | 'verify'> {
  return {
    events: (given) => {
      const { since, kinds, signal } = readOptions('events', eventOptions, given);
      life.refuseIfOver();
      const from = placeToFollow(app.parts, since);
      from.catch(() => undefined); // told to whoever takes the first event
      return eventsFrom(app, life, from, { kinds, signal });
    },
    verify: (given, options) => {
      const { signal } = readOptions('verify', stoppable, options);
      const ids = given === undefined ? null : readTexts('verify', 'capture id', given);
      life.refuseIfOver();
      return findingsIn(app, life, ids, signal);
    },
  };
}

async function* eventsFrom(
  { parts }: App,
  life: Life,
  from: Promise<StreamPlace>,
  { kinds, signal }: { kinds?: string[] | undefined; signal?: AbortSignal | undefined },
): AsyncGenerator<CatalogEvent, void, undefined> {
  using either = eitherOf(signal, life.ended);
  for await (const event of followEvents(parts, await from, either.signal)) {
    if (kinds === undefined || kinds.includes(event.kind)) yield event;
  }
}

async function* findingsIn(
  { parts }: App,
  life: Life,
  captureIds: string[] | null,
  signal: AbortSignal | undefined,
): AsyncGenerator<Finding, void, undefined> {
  using either = eitherOf(signal, life.ended);
  either.signal.throwIfAborted();
  if (captureIds === null) yield* verifyAll(parts, either.signal);
  for (const id of captureIds ?? []) {
    yield* verifyCapture(parts, await captureIdFrom(parts.database, id), either.signal);
  }
}
