import { expect, test } from "vitest";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { createToldState } from "./told-state.js";

describeOnMongo("createToldState", (database) => {
  const open = (now?: () => Date) => createToldState(database().store, now);
  const begins = { from: undefined, to: "since Monday" };
  const ends = { from: "since Monday", to: undefined };

  test("remembers what was delivered", async () => {
    const told = open();
    expect(await told.read("failing/a")).toBeUndefined();
    expect(await told.tell("failing/a", begins, async () => {})).toBe(true);
    expect(await told.read("failing/a")).toBe("since Monday");
    expect(await told.read("failing/b")).toBeUndefined();
    expect(await told.tell("failing/a", ends, async () => {})).toBe(true);
    expect(await told.read("failing/a")).toBeUndefined();
    expect(await told.tell("failing/a", begins, async () => {})).toBe(true);
  });

  test("lets one of many deliver", async () => {
    const deliveries: number[] = [];
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        open().tell("failing/a", begins, async () => {
          deliveries.push(index);
        }),
      ),
    );
    expect(deliveries).toHaveLength(1);
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await open().tell("failing/a", begins, () => expect.fail("was told"))).toBe(false);
  });

  test("remembers nothing where the delivery failed", async () => {
    const told = open();
    const fault = new Error("down");
    await expect(told.tell("failing/a", begins, () => Promise.reject(fault))).rejects.toBe(fault);
    expect(await told.read("failing/a")).toBeUndefined();
    expect(await told.tell("failing/a", begins, async () => {})).toBe(true);
  });

  test("lets another one deliver where a process was killed meanwhile, but not at once", async () => {
    let release = () => {};
    const killed = open().tell(
      "failing/a",
      begins,
      () => new Promise<void>((resolve) => (release = resolve)),
    );
    await expect.poll(() => open().tell("failing/a", begins, async () => {})).toBe(false);
    const later = open(() => new Date(Date.now() + 6 * 60_000));
    expect(await later.tell("failing/a", begins, async () => {})).toBe(true);
    release();
    await killed;
    expect(await later.read("failing/a")).toBe("since Monday");
  });
});
