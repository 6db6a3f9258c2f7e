// Preloaded with `--import` into a process or a worker: there it is so much later than here.
const aheadMs = Number(process.env.CLOCK_AHEAD_MS);

globalThis.Date = new Proxy(Date, {
  construct: (real, given, target) => {
    const instant = given.length === 0 ? [real.now() + aheadMs] : given;
    // Reflect knows no types.
    return Reflect.construct(real, instant, target) as object;
  },
  get: (real, name): unknown =>
    name === 'now' ? () => real.now() + aheadMs : Reflect.get(real, name),
});
