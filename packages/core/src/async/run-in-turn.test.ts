import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { createTurns } from "./run-in-turn.js";

const never = new AbortController().signal;

test("runs one task at a time, in order, also after one that failed", async () => {
  const inTurn = createTurns();
  const events: string[] = [];
  const task =
    (name: string, fail = false) =>
    async () => {
      events.push(`${name} starts`);
      await delay(1);
      events.push(`${name} ends`);
      if (fail) {
        throw new Error(name);
      }
      return name;
    };
  const results = await Promise.allSettled([
    inTurn(task("a"), never),
    inTurn(task("b", true), never),
    inTurn(task("c"), never),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(events).toEqual(["a starts", "a ends", "b starts", "b ends", "c starts", "c ends"]);
});

test("who gives up in the queue leaves at once, and nobody overtakes the one at work", async () => {
  const inTurn = createTurns();
  const events: string[] = [];
  let finish = () => {};
  const first = inTurn(() => new Promise<void>((resolve) => (finish = resolve)), never);
  const interrupt = new AbortController();
  const second = inTurn(async () => events.push("second"), interrupt.signal);
  const third = inTurn(async () => events.push("third"), never);
  interrupt.abort("enough");
  await expect(second).rejects.toBe("enough");
  await delay(5);
  expect(events).toEqual([]);
  finish();
  await Promise.all([first, third]);
  expect(events).toEqual(["third"]);
});
