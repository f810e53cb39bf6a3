import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { expect, onTestFinished, test, vi } from "vitest";
import { openWorld, type World } from "../../src/testing/world.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const hourMs = 3_600_000;
const recent = "GET /export/json/recent/";

describeOnServers("the export of what was seen in the last 48 hours", (openDatabase) => {
  async function open(settings: Readonly<Record<string, string>> = {}): Promise<World> {
    const world = await openWorld(await openDatabase(), { THREATFOX_RECENT_HOURS: "24", ...settings });
    onTestFinished(() => world.close());
    return world;
  }

  /** IOCs that ThreatFox lists as seen in the last two days, and that are stored otherwise or not at all. */
  async function stale(world: World): Promise<readonly string[]> {
    const documents = await world.documents();
    const since = world.now.getTime() - 48 * hourMs;
    return world.feed
      .recordsAt(world.now)
      .filter(({ last_seen }) => Date.parse(String(last_seen).replace(" UTC", "Z")) >= since)
      .filter(({ id, last_seen }) => documents.get(id)?.data.last_seen !== last_seen)
      .map(({ id }) => id);
  }

  test("is loaded once a day, so that last_seen is never older", async () => {
    const world = await open();
    expect((await world.run()).asked).toEqual(["get_iocs 3"]);
    world.wait(6 * hourMs);
    expect((await world.run()).asked).toEqual(["get_iocs 1"]);
    for (let day = 0; day < 3; day += 1) {
      world.wait(18 * hourMs);
      expect((await world.run()).asked).toEqual(["get_iocs 1", recent]);
      expect(await stale(world)).toEqual([]);
      world.wait(6 * hourMs);
      expect((await world.run()).asked).toEqual(["get_iocs 1"]);
    }
    // Of IOCs that were first seen a month ago, and again now, it is all that tells.
    const old = [...(await world.documents()).values()].filter(
      ({ data }) => String(data.first_seen) < "2025-12-20",
    );
    expect(old.length).toBeGreaterThan(0);
  });

  test("is loaded by a job that comes once a day, not to the second", async () => {
    const world = await open();
    await world.run();
    for (let day = 0; day < 3; day += 1) {
      world.wait(24 * hourMs - 20_000);
      expect((await world.run()).asked).toEqual([expect.stringMatching(/^get_iocs/u), recent]);
    }
  });

  test("is enough for a gap of 48 hours", async () => {
    const world = await open();
    await world.run();
    world.wait(24 * hourMs);
    await world.run();
    world.wait(48 * hourMs);
    expect((await world.run()).asked).toEqual(["get_iocs 3", recent]);
    expect(await stale(world)).toEqual([]);
  });

  test("is not sent again while it is the same", async () => {
    const world = await open({ THREATFOX_RECENT_HOURS: "1" });
    await world.run();
    // IOCs of this feed are seen at full hours.
    world.wait(1.5 * hourMs);
    const first = await world.run();
    expect(first.asked).toContain(recent);
    expect(first.connector.steps[0]?.extracted).toBeGreaterThan(0);
    const before = await world.documents();
    const now = world.now;
    const again = await world.run({ now: () => new Date(now.getTime() + hourMs) });
    expect(again.asked).toContain(recent);
    expect(again.connector.status).toBe("ok");
    expect(again.lines.join()).toMatch(/the recent export has not changed/u);
    expect(await world.documents()).toEqual(before);
  });

  test("is not loaded with THREATFOX_RECENT_HOURS=0, nor where the full export was", async () => {
    const never = await open({ THREATFOX_RECENT_HOURS: "0" });
    await never.run();
    never.wait(30 * hourMs);
    expect((await never.run()).asked).toEqual(["get_iocs 2"]);

    const full = await open({ THREATFOX_REFRESH_DAYS: "1" });
    await full.run();
    full.wait(30 * hourMs);
    expect((await full.run()).asked).toEqual(["GET /export/json/full/", "get_iocs 2"]);
  });

  test.each([
    ["a refusal", { kind: "html", status: 403 }],
    ["a web page", { kind: "html", status: 200 }],
    ["an answer that is cut off", { kind: "truncate" }],
  ] as const)(
    "that does not come, but %s, is a warning, and asked for again by the next run",
    async (_name, answer) => {
      const world = await open();
      await world.run();
      world.wait(24 * hourMs);
      world.sandbox.addFault({ upstream: "threatfox", path: "/export/json/recent/", answer });
      const failed = await world.run();
      expect(failed.connector).toMatchObject({ status: "ok" });
      expect(failed.asked).toEqual(["get_iocs 2", recent]);
      const warnings = failed.lines.filter((line) => line.includes('"level":"warn"'));
      expect(warnings).toEqual([expect.stringContaining("THREATFOX_RECENT_HOURS=0")]);
      world.wait(hourMs);
      expect((await world.run()).asked).toEqual(["get_iocs 1", recent]);
      expect(await stale(world)).toEqual([]);
    },
  );

  test("that cannot be written fails the run, and what the API tells is stored", async () => {
    const world = await open({ THREATFOX_DOWNLOAD_DIR: "/dev/null/exports" });
    await world.run();
    world.wait(24 * hourMs);
    const before = (await world.documents()).size;
    const failed = await world.run();
    expect(failed.connector).toMatchObject({ status: "failed" });
    expect(failed.connector.reason).toMatch(/\/dev\/null\/exports/u);
    expect((await world.documents()).size).toBeGreaterThan(before);
  });

  test("is interrupted, and the next run loads it", async () => {
    const world = await open();
    await world.run();
    world.wait(24 * hourMs);
    const stop = new AbortController();
    const interrupted = await world.run({
      signal: stop.signal,
      onEvent: (event) => event.type === "page-loaded" && event.bytes !== undefined && stop.abort(),
    });
    expect(interrupted.connector.status).toBe("interrupted");
    world.wait(60_000);
    expect((await world.run()).connector.status).toBe("ok");
    expect(await stale(world)).toEqual([]);
  });
});
