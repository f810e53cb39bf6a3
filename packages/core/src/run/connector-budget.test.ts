import { expect, test } from "vitest";
import { createRequestBudget } from "../budget/request-budget.js";
import type { RequestQuota } from "../config/quota-setting.js";
import { createFakeClock } from "../testing/fake-clock.js";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { createBudgetLedger } from "./connector-budget.js";

const never = new AbortController().signal;

describeOnMongo("createBudgetLedger", (database) => {
  const clock = createFakeClock();

  /** The budget as one process has it. */
  const budgetOf = (quota: RequestQuota = { requests: 6, windowMs: 30_000 }) =>
    createRequestBudget({
      ...{ key: "upstream", quota, now: clock.now, sleep: clock.sleep },
      ledger: createBudgetLedger(database().store, clock.now),
    });

  const remembered = async () => (await database().all("etl_state"))[0]?.value;

  /** How many requests a budget lets through without a wait. */
  async function sendUntilWait(budget: ReturnType<typeof budgetOf>): Promise<number> {
    const interrupt = new AbortController();
    for (let sent = 0; ; sent += 1) {
      try {
        await budget.acquire(interrupt.signal, () => interrupt.abort("full"));
      } catch (error) {
        expect(error).toBe("full");
        return sent;
      }
    }
  }

  test("is one budget for runs that go on at once, and forgets no request of either", async () => {
    const run = budgetOf();
    const other = budgetOf();
    await run.acquire(never);
    await other.acquire(never);
    clock.pass(1_000);
    const sent = await Promise.all([sendUntilWait(run), sendUntilWait(other), sendUntilWait(budgetOf())]);
    expect(sent[0] + sent[1] + sent[2]).toBe(4);
    expect((await remembered()).sentAt).toHaveLength(6);
    expect(await budgetOf().remaining()).toBe(0);
  });

  test("makes all runs wait for what one of them was answered, and keeps what one has learned", async () => {
    const quota = { requests: 50, windowMs: 600_000 };
    const run = budgetOf(quota);
    const other = budgetOf(quota);
    await other.acquire(never);
    for (let i = 0; i < 5; i += 1) {
      await run.acquire(never);
    }
    await run.throttled(7_000);
    expect(await sendUntilWait(other)).toBe(0);
    clock.pass(7_000);
    await other.acquire(never);
    expect(await remembered()).toMatchObject({ learned: { requests: 5 } });
    expect((await remembered()).sentAt).toHaveLength(7);
  });

  test("sends one request to the database, however many are remembered", async () => {
    const sentAt = Array.from({ length: 20_000 }, (_, i) => clock.now().getTime() - 20_000 + i);
    await database()
      .store.database.collection<{ _id: string }>("etl_state")
      .insertOne({ _id: "budget/upstream", ...{ value: { sentAt } } });
    const budget = budgetOf({ requests: 100_000, windowMs: 600_000 });
    await budget.acquire(never);
    const sizes: number[] = [];
    database().store.database.client.on("commandStarted", ({ command }) => {
      sizes.push(JSON.stringify(command.updates)?.length ?? 0);
    });
    await budget.acquire(never);
    await budget.acquire(never);
    expect(sizes).toHaveLength(2);
    expect(Math.max(...sizes)).toBeLessThan(1_000);
    const { sentAt: saved } = await remembered();
    expect(saved).toHaveLength(20_003);
    expect(saved).toEqual(saved.toSorted((a: number, b: number) => a - b));
  });

  test.each([
    ["of an earlier version", { value: { sentAt: [clock.now().getTime()] } }, 5],
    ["without a list", { value: { sentAt: "none", throttledUntil: null }, revision: 7 }, 6],
    ["without anything", { value: 3, revision: { a: 1 } }, 6],
  ])("goes on from a document %s", async (_what, document, left) => {
    await database()
      .store.database.collection<{ _id: string }>("etl_state")
      .insertOne({ _id: "budget/upstream", ...document });
    const budget = budgetOf();
    expect(await budget.remaining()).toBe(left);
    await budget.acquire(never);
    await budget.acquire(never);
    expect(await budgetOf().remaining()).toBe(left - 2);
  });
});
