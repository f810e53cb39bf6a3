import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { limitWork } from "./limit-work.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Work that takes so long. */
const take = (ms: number) => () => new Promise<string>((resolve) => setTimeout(resolve, ms, "done"));

test("parts of the work may take as long as is allowed together, and the time between them does not count", async () => {
  const limit = limitWork(new AbortController().signal, 1_000);
  const first = limit.run(take(600));
  await vi.advanceTimersByTimeAsync(600);
  expect(await first).toBe("done");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(limit.signal.aborted).toBe(false);
  const second = limit.run(take(300));
  await vi.advanceTimersByTimeAsync(300);
  expect(await second).toBe("done");
  const third = expect(limit.run(take(200))).rejects.toMatchObject({ name: "TimeoutError" });
  await vi.advanceTimersByTimeAsync(101);
  await third;
  expect(limit.signal.aborted).toBe(true);
  await expect(limit.run(take(0))).rejects.toMatchObject({ name: "TimeoutError" });
  await vi.runAllTimersAsync();
});

test("work ends with the client, and leaves no timer behind", async () => {
  const client = new AbortController();
  const limit = limitWork(client.signal, 1_000);
  const work = expect(limit.run(() => new Promise(() => {}))).rejects.toThrow("gone");
  client.abort(new Error("gone"));
  await work;
  await expect(limit.run(take(0))).rejects.toThrow("gone");
  expect(vi.getTimerCount()).toBe(0);
});
