/** Runs something while `Date` tells a later time, which goes on as usual. */
export async function shiftClock<Result>(byMs: number, work: () => Promise<Result>): Promise<Result> {
  const original = globalThis.Date;
  const now = () => original.now() + byMs;
  globalThis.Date = new Proxy(original, {
    construct: (target, values, newTarget) =>
      Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget),
    apply: () => new original(now()).toString(),
    get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
  });
  try {
    return await work();
  } finally {
    globalThis.Date = original;
  }
}
