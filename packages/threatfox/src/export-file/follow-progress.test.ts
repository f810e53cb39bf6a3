import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { followProgress } from "./follow-progress.js";

test("passes on what is known of the length, and returns the result", async () => {
  const following = followProgress(async (onProgress) => {
    await setImmediate();
    onProgress({ read: 1, total: undefined });
    await setImmediate();
    onProgress({ read: 2, total: 4 });
    await setImmediate();
    onProgress({ read: 3, total: 4 });
    await setImmediate();
    return "done";
  });
  expect(await following.next()).toEqual({
    done: false,
    value: { records: [], bytes: { read: 2, total: 4 } },
  });
  expect(await following.next()).toEqual({
    done: false,
    value: { records: [], bytes: { read: 3, total: 4 } },
  });
  expect(await following.next()).toEqual({ done: true, value: "done" });
});

test("throws what went wrong", async () => {
  const following = followProgress(async (onProgress) => {
    onProgress({ read: 1, total: 2 });
    await setImmediate();
    throw new Error("disk full");
  });
  expect(await following.next()).toEqual({
    done: false,
    value: { records: [], bytes: { read: 1, total: 2 } },
  });
  await expect(following.next()).rejects.toThrow("disk full");
});

test("a failure after the reader stopped is nobody's", async () => {
  const following = followProgress(async (onProgress) => {
    onProgress({ read: 1, total: 2 });
    await setImmediate();
    throw new Error("disk full");
  });
  for await (const page of following) {
    expect(page.bytes.read).toBe(1);
    break;
  }
  await setImmediate();
});
