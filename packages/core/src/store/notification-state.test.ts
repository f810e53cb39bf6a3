import { expect, test } from "vitest";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { createNotificationState } from "./notification-state.js";

describeOnMongo("createNotificationState", (database) => {
  const open = (now?: () => Date) => createNotificationState(database().store, now);
  const begins = { from: undefined, to: "since Monday" };
  const ends = { from: "since Monday", to: undefined };

  test("remembers what was delivered", async () => {
    const notifications = open();
    expect(await notifications.read("failing/a")).toBeUndefined();
    expect(await notifications.notify("failing/a", begins, async () => {})).toBe(true);
    expect(await notifications.read("failing/a")).toBe("since Monday");
    expect(await notifications.read("failing/b")).toBeUndefined();
    expect(await notifications.notify("failing/a", ends, async () => {})).toBe(true);
    expect(await notifications.read("failing/a")).toBeUndefined();
    expect(await notifications.notify("failing/a", begins, async () => {})).toBe(true);
  });

  test("lets one of many deliver", async () => {
    const deliveries: number[] = [];
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        open().notify("failing/a", begins, async () => {
          deliveries.push(index);
        }),
      ),
    );
    expect(deliveries).toHaveLength(1);
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await open().notify("failing/a", begins, () => expect.fail("delivered twice"))).toBe(false);
  });

  test("remembers nothing where the delivery failed", async () => {
    const notifications = open();
    const fault = new Error("down");
    await expect(notifications.notify("failing/a", begins, () => Promise.reject(fault))).rejects.toBe(fault);
    expect(await notifications.read("failing/a")).toBeUndefined();
    expect(await notifications.notify("failing/a", begins, async () => {})).toBe(true);
  });

  test("lets another one deliver where a process was killed meanwhile, but not at once", async () => {
    let release = () => {};
    let killed = Promise.resolve(false);
    await new Promise<void>((delivering) => {
      killed = open().notify("failing/a", begins, () => {
        delivering();
        return new Promise<void>((resolve) => (release = resolve));
      });
    });
    expect(await open().notify("failing/a", begins, () => expect.fail("delivered twice"))).toBe(false);
    const later = open(() => new Date(Date.now() + 6 * 60_000));
    expect(await later.notify("failing/a", begins, async () => {})).toBe(true);
    release();
    await killed;
    expect(await later.read("failing/a")).toBe("since Monday");
  });
});
