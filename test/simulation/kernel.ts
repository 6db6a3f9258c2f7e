import type { Random } from '../../lib/local/simulators/random.ts';

/** What runs in the simulated system, where nothing else is said. Each invocation of a function is a process of its own. */
export type ProcessKind = 'dispatch' | 'poll' | 'sweep' | 'publish' | 'republish' | 'webhook';

/** One invocation: it takes steps until it has ended or has died. */
export interface Process<Kind extends string = ProcessKind> {
  readonly kind: Kind;
  readonly id: number;
  readonly startedAt: number;
  steps: number;
  state: 'running' | 'ended' | 'dead';
  /** Where it will die; undefined: it will not. */
  readonly doom: Doom<Kind> | undefined;
  readonly onEnd: (ending: Ending, process: Process<Kind>) => void;
}

/** The next process of a kind that begins after `from` dies at its step, before or after what that step does. */
export interface Doom<Kind extends string = ProcessKind> {
  readonly kind: Kind;
  readonly from: number;
  readonly step: number;
  readonly afterwards: boolean;
}

export type Ending = 'done' | 'threw' | 'died';

export interface KernelOptions<Kind extends string> {
  readonly random: Random;
  readonly start: number;
  readonly dooms: readonly Doom<Kind>[];
  /** Told of everything that happens; undefined: nobody listens, and nothing is put into words. */
  readonly trace: ((line: string) => void) | undefined;
  onKill(kind: Kind): void;
}

/**
 * Lets everything go on that can, until all wait for the agenda: a tick comes after all promises that can
 * settle. Nothing here has timers or sockets, so the event loop, which takes a fifth longer, is not asked.
 */
const settled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/**
 * Virtual time, and the one seam between the system and everything outside it.
 *
 * All that a process does outside itself is a `step`: it takes time, drawn from the seed, in which
 * everybody else goes on, and at each one the process may die. Of a dead process nothing is heard
 * again: its promises stay open for ever, and what it did stays done.
 */
export function createKernel<Kind extends string = ProcessKind>({
  random,
  start,
  dooms,
  trace,
  onKill,
}: KernelOptions<Kind>) {
  const agenda = createAgenda();
  const waiting = [...dooms];
  let time = start;
  let processes = 0;

  const at = (when: number, run: () => void): void => agenda.add(Math.max(when, time), run);

  function kill(process: Process<Kind>, why: string): void {
    if (process.state !== 'running') return;
    process.state = 'dead';
    trace?.(`${stamp()} ${name(process)} dies: ${why}`);
    onKill(process.kind);
    process.onEnd('died', process);
  }

  const stamp = () => new Date(time).toISOString();
  const name = ({ kind, id }: Process<Kind>) => `${kind}#${id}`;

  function takeDoom(kind: Kind): Doom<Kind> | undefined {
    const index = waiting.findIndex((doom) => doom.kind === kind && doom.from <= time);
    return index < 0 ? undefined : waiting.splice(index, 1)[0];
  }

  return {
    now: () => new Date(time),
    time: () => time,
    at,
    after: (ms: number, run: () => void): void => at(time + ms, run),
    kill,
    note: (line: () => string): void => trace?.(`${stamp()} ${line()}`),

    /** Begins a process. `onEnd` is told how it ended, in which case it is over for good. */
    spawn(
      kind: Kind,
      work: (process: Process<Kind>) => Promise<void>,
      onEnd: (ending: Ending, process: Process<Kind>) => void,
      timeoutMs = Number.POSITIVE_INFINITY,
    ): void {
      processes += 1;
      const process: Process<Kind> = {
        kind,
        id: processes,
        startedAt: time,
        steps: 0,
        state: 'running',
        doom: takeDoom(kind),
        onEnd,
      };
      const end = (ending: Ending) => {
        if (process.state !== 'running') return;
        process.state = 'ended';
        // It was too short to die where it should have: the next one will.
        if (process.doom) waiting.push(process.doom);
        onEnd(ending, process);
      };
      if (timeoutMs < Number.POSITIVE_INFINITY) {
        at(time + timeoutMs, () => kill(process, 'out of time'));
      }
      trace?.(`${stamp()} ${name(process)} begins`);
      work(process).then(
        () => end('done'),
        (error: unknown) => {
          trace?.(`${stamp()} ${name(process)} throws ${String(error)}`);
          end('threw');
        },
      );
    },

    /** Something outside the process: after `delayMs` it happens, and the process hears of it. */
    step<T>(process: Process<Kind>, what: string, delayMs: number, effect: () => T): Promise<T> {
      process.steps += 1;
      const { doom } = process;
      const isLast = doom !== undefined && process.steps >= doom.step;
      return new Promise((resolve, reject) => {
        at(time + delayMs, () => {
          if (process.state === 'dead') {
            // It had left already, or it had not.
            if (random.next() < 0.5) attempt(effect);
            return;
          }
          if (isLast && !doom.afterwards) return kill(process, `before ${what}`);
          const result = attempt(effect);
          trace?.(
            `${stamp()} ${name(process)} ${what}${'error' in result ? ` → ${result.error}` : ''}`,
          );
          if (isLast) return kill(process, `after ${what}`);
          if ('error' in result) reject(result.error);
          else resolve(result.value);
        });
      });
    },

    /** Lives until the given time, or until nothing is left to do. */
    async run(until: number): Promise<void> {
      for (let next = agenda.next(); next && next.when <= until; next = agenda.next()) {
        agenda.take();
        time = next.when;
        next.run();
        await settled();
      }
      time = Math.max(time, until);
    },
  };
}
export type Kernel<Kind extends string = ProcessKind> = ReturnType<typeof createKernel<Kind>>;

function attempt<T>(effect: () => T): { value: T } | { error: Error } {
  try {
    return { value: effect() };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}

interface Entry {
  readonly when: number;
  readonly turn: number;
  readonly run: () => void;
}

/** What will happen, the earliest first; at one instant, in the order in which it was entered. */
function createAgenda() {
  const heap: Entry[] = [];
  let turn = 0;
  const isBefore = (a: Entry, b: Entry) =>
    a.when < b.when || (a.when === b.when && a.turn < b.turn);

  function rise(entry: Entry): void {
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (!parent || isBefore(parent, entry)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = entry;
  }

  function sink(entry: Entry): void {
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const [a, b] = [heap[left], heap[left + 1]];
      if (!a) break;
      const [child, below] = b && isBefore(b, a) ? [b, left + 1] : [a, left];
      if (isBefore(entry, child)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = entry;
  }

  return {
    add(when: number, run: () => void): void {
      turn += 1;
      rise({ when, turn, run });
    },
    next: (): Entry | undefined => heap[0],
    take(): void {
      const last = heap.pop();
      if (last && heap.length > 0) sink(last);
    },
  };
}
