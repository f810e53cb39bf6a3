import { describe, expect, test, vi } from "vitest";
import { waitWhileHeld } from "./wait-while-held.js";

const never = new AbortController().signal;
const held = new Error("held");

function takeAfter(failures: number, error = held) {
  let attempts = 0;
  return async () => {
    attempts += 1;
    if (attempts <= failures) {
      throw error;
    }
    return attempts;
  };
}

function options(changes: Partial<Parameters<typeof waitWhileHeld>[1]> = {}) {
  const onWait = vi.fn();
  return {
    isHeld: (error: unknown) => error === held,
    waitMs: 60_000,
    everyMs: 1,
    signal: never,
    onWait,
    ...changes,
  };
}

describe("waitWhileHeld", () => {
  test("tries again until it is free, and says once that it waits", async () => {
    const waiting = options();
    expect(await waitWhileHeld(takeAfter(3), waiting)).toBe(4);
    expect(waiting.onWait).toHaveBeenCalledExactlyOnceWith(held, expect.any(Date));
  });

  test("fails as the last attempt did where the time is up, at once where there is none", async () => {
    await expect(waitWhileHeld(takeAfter(Number.POSITIVE_INFINITY), options({ waitMs: 20 }))).rejects.toBe(
      held,
    );
    const hurried = options({ waitMs: 0 });
    await expect(waitWhileHeld(takeAfter(1), hurried)).rejects.toBe(held);
    expect(hurried.onWait).not.toHaveBeenCalled();
  });

  test("does not wait for anything else", async () => {
    const fault = new Error("no database");
    await expect(waitWhileHeld(takeAfter(1, fault), options())).rejects.toBe(fault);
  });

  test("ends with the signal", async () => {
    const interrupt = new AbortController();
    const waiting = waitWhileHeld(takeAfter(1), {
      ...options({ everyMs: 60_000, signal: interrupt.signal }),
      onWait: () => interrupt.abort("stop"),
    });
    await expect(waiting).rejects.toBe("stop");
  });
});
