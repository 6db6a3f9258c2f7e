/** Time that passes only while nobody has anything to do: hours in a moment, and exact to the millisecond. */
export function virtualClock(startMs: number) {
  let nowMs = startMs;
  let active = 0;
  let idle = Promise.withResolvers<void>();
  const agenda: { readonly at: number; readonly run: () => void }[] = [];

  function leave(): void {
    active -= 1;
    if (active > 0) return;
    // What was awaited may go on at once, and begin something else.
    setImmediate(() => active === 0 && idle.resolve());
  }

  function at(ms: number, run: () => void): void {
    const place = agenda.findIndex((other) => other.at > ms);
    agenda.splice(place < 0 ? agenda.length : place, 0, { at: ms, run });
  }

  function begin(work: () => Promise<unknown>): void {
    active += 1;
    void work().finally(leave);
  }

  return {
    now: () => new Date(nowMs),
    /** Runs something then; it keeps time from passing until it has settled, but for its own sleeps. */
    after: (ms: number, work: () => Promise<unknown>): void => at(nowMs + ms, () => begin(work)),
    /** For use inside such work only, by one part of it at a time. */
    sleep: (ms: number): Promise<void> =>
      new Promise((resolve) => {
        at(nowMs + Math.max(0, ms), () => {
          active += 1;
          resolve();
        });
        leave();
      }),
    /** Lets time pass until then, or until nothing is left to happen. */
    async run(untilMs = Number.POSITIVE_INFINITY): Promise<void> {
      for (let next = agenda[0]; next !== undefined && next.at <= untilMs; next = agenda[0]) {
        agenda.shift();
        nowMs = Math.max(nowMs, next.at);
        idle = Promise.withResolvers<void>();
        next.run();
        if (active > 0) await idle.promise;
      }
      if (untilMs < Number.POSITIVE_INFINITY) nowMs = Math.max(nowMs, untilMs);
    },
  };
}
export type VirtualClock = ReturnType<typeof virtualClock>;
