import type { PollDeps } from '../../lib/polling/ports.ts';
import type { RangeDeps } from '../../lib/ranges/ports.ts';

export interface Death {
  /** The call that the process does not survive, counted from 1. */
  readonly at: number;
  /** Whether what was asked for had been done by then. */
  readonly afterwards: boolean;
}

/** Counts calls to the outside; the process does not survive one of them, and nothing gets out after that. */
function dying(death: Death | undefined) {
  let calls = 0;
  const wrap =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      calls += 1;
      const isLast = calls === death?.at;
      if (death && (calls > death.at || (isLast && !death.afterwards))) throw new Error('dead');
      const result = await work(...args);
      if (isLast) throw new Error('dead');
      return result;
    };
  return { wrap, calls: () => calls };
}
type Wrap = ReturnType<typeof dying>['wrap'];

const wrapPorts = (deps: PollDeps, wrap: Wrap): PollDeps => ({
  ...deps,
  calls: {
    get: wrap(deps.calls.get),
    write: wrap(deps.calls.write),
    notify: wrap(deps.calls.notify),
  },
  states: {
    load: wrap(deps.states.load),
    save: wrap(deps.states.save),
  },
  quarantine: { keep: wrap(deps.quarantine.keep) },
  raws: { put: wrap(deps.raws.put) },
  http: wrap(deps.http),
});

/** Dependencies of a process that dies at one call to the outside. */
export function mortal(deps: PollDeps, death: Death | undefined) {
  const { wrap, calls } = dying(death);
  return { deps: wrapPorts(deps, wrap), calls };
}

/** The same of one that works on sweeps and backfills. */
export function mortalRange(deps: RangeDeps, death: Death | undefined) {
  const { wrap, calls } = dying(death);
  const mortalDeps: RangeDeps = {
    ...deps,
    ...wrapPorts(deps, wrap),
    jobs: { load: wrap(deps.jobs.load), save: wrap(deps.jobs.save) },
    connection: wrap(deps.connection),
    send: wrap(deps.send),
  };
  return { deps: mortalDeps, calls };
}
