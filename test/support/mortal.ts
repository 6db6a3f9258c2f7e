import type { PollDeps } from '../../lib/polling/ports.ts';

export interface Death {
  /** The call that the process does not survive, counted from 1. */
  readonly at: number;
  /** Whether what was asked for had been done by then. */
  readonly afterwards: boolean;
}

/** Dependencies of a process that dies at one call to the outside; nothing gets out after that. */
export function mortal(deps: PollDeps, death: Death | undefined) {
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
  const mortalDeps: PollDeps = {
    ...deps,
    calls: {
      get: wrap(deps.calls.get),
      write: wrap(deps.calls.write),
      notify: wrap(deps.calls.notify),
    },
    states: {
      load: wrap(deps.states.load),
      save: wrap(deps.states.save),
      saveRecents: wrap(deps.states.saveRecents),
    },
    quarantine: { keep: wrap(deps.quarantine.keep) },
    raws: { put: wrap(deps.raws.put) },
    http: wrap(deps.http),
  };
  return { deps: mortalDeps, calls: () => calls };
}
