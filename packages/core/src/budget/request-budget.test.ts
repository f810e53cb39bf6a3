import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { RequestQuota } from "../config/quota-setting.js";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.js";
import { createMemoryLedger } from "../testing/memory-ledger.js";
import { createRequestBudget } from "./request-budget.js";

// Hundreds of random histories.
vi.setConfig({ testTimeout: 60_000 });

const never = new AbortController().signal;
const windowMs = 600_000;
/** A window and what is added to be safe. */
const spanMs = windowMs + 2_000;

function budgetOf(
  clock: FakeClock,
  ledger = createMemoryLedger(),
  quota: RequestQuota = { requests: 3, windowMs },
) {
  return createRequestBudget({ key: "upstream", quota, ledger, now: clock.now, sleep: clock.sleep });
}

async function acquire(budget: ReturnType<typeof budgetOf>, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    await budget.acquire(never);
  }
}

describe("createRequestBudget", () => {
  test("takes back one request that was never sent, of two runs too, and no other", async () => {
    const clock = createFakeClock();
    const ledger = createMemoryLedger();
    const one = budgetOf(clock, ledger);
    const other = budgetOf(clock, ledger);
    const first = await one.acquire(never);
    clock.pass(1_000);
    const second = await other.acquire(never);
    clock.pass(1_000);
    await one.unsent(first);
    expect(JSON.parse(ledger.saved.get("upstream") ?? "")).toEqual({ sentAt: [second] });
    expect(await budgetOf(clock, ledger).remaining()).toBe(2);
    clock.pass(spanMs);
    await one.unsent(second);
    expect(await budgetOf(clock, ledger).remaining()).toBe(3);
  });

  test("lets a burst through, then waits until the oldest request has left the window", async () => {
    const clock = createFakeClock();
    const budget = budgetOf(clock);
    await budget.acquire(never);
    clock.pass(1_000);
    await acquire(budget, 2);
    expect(clock.sleeps).toEqual([]);
    expect(await budget.remaining()).toBe(0);

    const notices: unknown[] = [];
    await budget.acquire(never, (notice) => notices.push(notice));

    expect(clock.sleeps).toEqual([spanMs - 1_000]);
    expect(notices).toEqual([
      { reason: "budget", until: clock.now(), message: "request budget used (3 per 600 s)" },
    ]);
  });

  test("has saved a request by the time that it may be sent", async () => {
    const clock = createFakeClock();
    const ledger = createMemoryLedger();
    await budgetOf(clock, ledger).acquire(never);
    expect(JSON.parse(ledger.saved.get("upstream") ?? "")).toEqual({ sentAt: [clock.now().getTime()] });
  });

  test("remembers across restarts what was sent", async () => {
    const clock = createFakeClock();
    const ledger = createMemoryLedger();
    await acquire(budgetOf(clock, ledger), 2);
    clock.pass(5_000);
    const restarted = budgetOf(clock, ledger);
    expect(await restarted.remaining()).toBe(1);
    await acquire(restarted, 2);
    expect(clock.sleeps).toEqual([spanMs - 5_000]);
  });

  test("keeps to a quota that was made smaller between two runs", async () => {
    const clock = createFakeClock();
    const ledger = createMemoryLedger();
    const before = budgetOf(clock, ledger);
    await before.acquire(never);
    clock.pass(1_000);
    await acquire(before, 2);
    const after = budgetOf(clock, ledger, { requests: 2, windowMs });
    expect(await after.remaining()).toBe(0);
    await after.acquire(never);
    expect(clock.sleeps).toEqual([spanMs]);
  });

  test("does not let a request through that it could not save", async () => {
    const clock = createFakeClock();
    const ledger = createMemoryLedger();
    const save = vi.spyOn(ledger, "save").mockRejectedValueOnce(new Error("no database"));
    const budget = budgetOf(clock, ledger);
    await expect(budget.acquire(never)).rejects.toThrow("no database");
    expect(await budget.remaining()).toBe(3);
    await budget.acquire(never);
    expect(save).toHaveBeenCalledTimes(2);
  });

  test("reads the ledger again where that failed", async () => {
    const ledger = createMemoryLedger();
    vi.spyOn(ledger, "load").mockRejectedValueOnce(new Error("no database"));
    const budget = budgetOf(createFakeClock(), ledger);
    await expect(budget.acquire(never)).rejects.toThrow("no database");
    await budget.acquire(never);
    expect(await budget.remaining()).toBe(2);
  });

  test("stops waiting at once when the run is interrupted, and lets the others go on", async () => {
    const interrupt = new AbortController();
    const reason = new Error("interrupted");
    const budget = createRequestBudget({
      key: "upstream",
      quota: { requests: 1, windowMs: 1_000 },
      ledger: createMemoryLedger(),
    });
    await budget.acquire(never);
    const first = budget.acquire(interrupt.signal);
    const second = budget.acquire(interrupt.signal);
    const other = budget.acquire(never);
    interrupt.abort(reason);
    await expect(first).rejects.toBe(reason);
    await expect(second).rejects.toBe(reason);
    await other;
    expect(await budget.remaining()).toBe(0);
  });

  test("an interrupted run sends nothing more", async () => {
    const ledger = createMemoryLedger();
    await expect(budgetOf(createFakeClock(), ledger).acquire(AbortSignal.abort("stop"))).rejects.toBe("stop");
    expect(ledger.saved.size).toBe(0);
  });

  test("lets simultaneous requests through one by one", async () => {
    const clock = createFakeClock();
    const budget = budgetOf(clock);
    const order: number[] = [];
    await Promise.all([1, 2, 3, 4, 5].map((i) => budget.acquire(never).then(() => order.push(i))));
    expect(order).toEqual([1, 2, 3, 4, 5]);
    expect(clock.elapsedMs()).toBe(spanMs);
  });

  test("a clock set back makes nobody wait for longer than a window", async () => {
    const clock = createFakeClock();
    const budget = budgetOf(clock);
    await acquire(budget, 3);
    clock.adjust(-365 * 24 * 60 * 60 * 1000);
    await budget.acquire(never);
    expect(clock.elapsedMs()).toBe(spanMs);
  });
});

describe("after a 429", () => {
  test("nothing is sent until the window has passed, where the upstream does not say for how long", async () => {
    const clock = createFakeClock();
    const budget = budgetOf(clock);
    await budget.acquire(never);
    await budget.throttled();
    expect(await budget.remaining()).toBe(0);
    const notices: string[] = [];
    await budget.acquire(never, ({ reason }) => notices.push(reason));
    expect(notices).toEqual(["throttled"]);
    expect(clock.elapsedMs()).toBe(spanMs);
  });

  test("nothing is sent for as long as the upstream says", async () => {
    const clock = createFakeClock();
    const budget = budgetOf(clock);
    await budget.acquire(never);
    await budget.throttled(7_000);
    await budget.acquire(never);
    expect(clock.elapsedMs()).toBe(7_000);
  });

  test("a restarted process waits too, for a window at most", async () => {
    const clock = createFakeClock();
    const ledger = createMemoryLedger();
    const budget = budgetOf(clock, ledger);
    await budget.acquire(never);
    await budget.throttled(24 * 60 * 60 * 1000);
    await budgetOf(clock, ledger).acquire(never);
    expect(clock.elapsedMs()).toBe(spanMs);
  });

  test("a clock set back does not make the pause longer", async () => {
    const clock = createFakeClock();
    const budget = budgetOf(clock);
    await budget.acquire(never);
    await budget.throttled(7_000);
    clock.adjust(-365 * 24 * 60 * 60 * 1000);
    await budget.acquire(never);
    expect(clock.elapsedMs()).toBeLessThanOrEqual(spanMs);
  });

  test("the number of requests that went through is the limit, in a restarted process too", async () => {
    const clock = createFakeClock();
    const ledger = createMemoryLedger();
    const budget = budgetOf(clock, ledger, { requests: 50, windowMs });
    await acquire(budget, 11);
    await budget.throttled();
    await acquire(budget, 4);
    expect(await budget.remaining()).toBe(6);
    const restarted = budgetOf(clock, ledger, { requests: 50, windowMs });
    expect(await restarted.remaining()).toBe(6);
    await acquire(restarted, 6);
    const notices: string[] = [];
    await restarted.acquire(never, ({ message }) => notices.push(message));
    expect(notices).toEqual(["request budget used (10 per 600 s)"]);
  });

  test("the limit is forgotten after a window, and kept for longer when it is learned again", async () => {
    const clock = createFakeClock();
    const budget = budgetOf(clock, createMemoryLedger(), { requests: 50, windowMs });
    for (const windows of [1, 2, 4]) {
      await acquire(budget, 11);
      await budget.throttled();
      clock.pass(spanMs);
      expect(await budget.remaining()).toBe(10);
      clock.pass(windows * spanMs - 1);
      expect(await budget.remaining()).toBe(10);
      clock.pass(1);
      expect(await budget.remaining()).toBe(50);
    }
  });

  test("somebody else's requests do not teach a limit of nothing", async () => {
    const clock = createFakeClock();
    const budget = budgetOf(clock);
    await budget.acquire(never);
    await budget.throttled();
    clock.pass(spanMs);
    expect(await budget.remaining()).toBe(3);
  });

  test("an upstream with a smaller quota than ours answers 429 ever more rarely", async () => {
    const clock = createFakeClock();
    const budget = budgetOf(clock, createMemoryLedger(), { requests: 50, windowMs });
    const upstream: number[] = [];
    let refused = 0;
    for (let answered = 0; answered < 400; ) {
      await budget.acquire(never);
      const at = clock.elapsedMs();
      if (upstream.filter((sent) => at - sent < windowMs).length < 10) {
        upstream.push(at);
        answered += 1;
      } else {
        refused += 1;
        await budget.throttled();
      }
    }
    expect(refused).toBeLessThanOrEqual(6);
    expect(clock.elapsedMs()).toBeLessThan(60 * spanMs);
  });
});

describe("whatever happens", () => {
  const quota = fc.record({
    requests: fc.integer({ min: 1, max: 6 }),
    windowMs: fc.integer({ min: 20, max: 100_000 }),
  });
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.constant({ type: "send" as const }) },
    { weight: 2, arbitrary: fc.constant({ type: "send-besides" as const }) },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant("pass" as const),
        share: fc.double({ min: 0, max: 2, noNaN: true }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ type: "restart" as const }) },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant("set-back" as const),
        ms: fc.integer({ min: 1, max: 10 ** 9 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant("throttled" as const),
        afterMs: fc.option(fc.integer({ min: 0, max: 5_000 }), { nil: undefined }),
      }),
    },
  );

  test("no window ever holds more requests than the quota: across restarts, runs at once, pauses, 429s and clocks set back", async () => {
    await fc.assert(
      fc.asyncProperty(
        quota,
        fc.array(step, { maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (limit, steps, slowness) => {
          const clock = createFakeClock();
          const ledger = createMemoryLedger(() => clock.pass((limit.windowMs / 20) * slowness));
          let budget = budgetOf(clock, ledger, limit);
          const besides = budgetOf(clock, ledger, limit);
          const sent: number[] = [];
          for (const current of steps) {
            if (current.type === "send" || current.type === "send-besides") {
              await (current.type === "send" ? budget : besides).acquire(never);
              sent.push(clock.elapsedMs());
            } else if (current.type === "pass") {
              clock.pass(Math.round(limit.windowMs * current.share));
            } else if (current.type === "restart") {
              budget = budgetOf(clock, ledger, limit);
            } else if (current.type === "set-back") {
              clock.adjust(-current.ms);
            } else {
              await budget.throttled(current.afterMs);
            }
          }
          for (const [index, at] of sent.entries()) {
            const next = sent[index + limit.requests];
            expect(next === undefined || next - at >= limit.windowMs - 1e-6).toBe(true);
          }
        },
      ),
      { seed: 20_261_126, numRuns: 300 },
    );
  });

  test("what is in the ledger makes nobody wait for longer than a window", async () => {
    const time = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.integer({ min: Date.UTC(2026, 9, 31), max: Date.UTC(2026, 10, 2) }),
    );
    const damaged = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          sentAt: fc.oneof(fc.array(time), fc.jsonValue()),
          throttledUntil: fc.oneof(time, fc.jsonValue()),
          learned: fc.oneof(
            fc.record({ requests: fc.oneof(fc.integer(), fc.jsonValue()), since: time, until: time }),
            fc.jsonValue(),
          ),
        },
        { requiredKeys: [] },
      ),
    );
    await fc.assert(
      fc.asyncProperty(damaged, async (state) => {
        const clock = createFakeClock();
        const ledger = createMemoryLedger();
        ledger.saved.set("upstream", JSON.stringify(state) ?? "null");
        const budget = budgetOf(clock, ledger);
        await budget.acquire(never);
        expect(clock.elapsedMs()).toBeLessThanOrEqual(spanMs);
        expect(await budget.remaining()).toBeLessThanOrEqual(2);
      }),
      { seed: 20_261_126, numRuns: 500 },
    );
  });
});
