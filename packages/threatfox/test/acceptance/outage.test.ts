import { describeOnEmbedded, describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { firstRun, openWorld, queryDays, type World } from "../../src/testing/world.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Every IOC that was public since the first run, and those that it reached back to. */
function expectedIds({ feed, now }: World): readonly string[] {
  return feed.idsBetween(new Date(firstRun.getTime() - queryDays * dayMs), now);
}

async function expectNothingMissing(world: World): Promise<void> {
  const documents = await world.documents();
  expect(expectedIds(world).filter((id) => !documents.has(id))).toEqual([]);
}

/** What ThreatFox shows of the IOCs first seen since a time is what is stored of them. */
async function expectLatestState(world: World, since: Date): Promise<void> {
  const documents = await world.documents();
  const ids = new Set(world.feed.idsBetween(since, world.now));
  const latest = world.feed.recordsAt(world.now).filter(({ id }) => ids.has(id));
  expect(latest.length).toBeGreaterThan(0);
  expect(latest.map(({ id }) => documents.get(id)?.data)).toEqual(latest);
}

describeOnServers("a connector that was down", (openDatabase) => {
  async function openStored(refreshDays = 0): Promise<World> {
    const world = await openWorld(await openDatabase(), { THREATFOX_REFRESH_DAYS: String(refreshDays) });
    onTestFinished(() => world.close());
    expect((await world.run()).asked).toEqual(["get_iocs 3"]);
    // Some days on which all went well.
    for (let hours = 0; hours < 48; hours += 12) {
      world.wait(12 * hourMs);
      expect((await world.run()).asked).toEqual(["get_iocs 1"]);
    }
    return world;
  }
  const full = "GET /export/json/full/";

  test.each([
    { days: 1, asked: ["get_iocs 2"] },
    { days: 3, asked: ["get_iocs 4"] },
    { days: 7, asked: ["get_iocs 7"] },
    { days: 8, asked: [full, "get_iocs 7"] },
    { days: 40, asked: [full, "get_iocs 7"] },
  ])("for $days days misses nothing, and asks no more than it has to", async ({ days, asked }) => {
    const world = await openStored();
    const wentDown = world.now;
    world.wait(days * dayMs);
    const { connector, lines, asked: sent } = await world.run();
    expect(connector.status).toBe("ok");
    expect(sent).toEqual(asked);
    await expectNothingMissing(world);
    await expectLatestState(world, asked.includes(full) ? new Date(0) : wentDown);
    // A gap is told, and nothing else is.
    const warnings = lines.filter((line) => line.includes('"level":"warn"'));
    expect(warnings.filter((line) => line.includes(wentDown.toISOString()))).toHaveLength(
      asked.includes(full) ? 1 : 0,
    );

    world.wait(6 * hourMs);
    expect((await world.run()).asked).toEqual(["get_iocs 1"]);
    await expectNothingMissing(world);
  });

  test("keeps what an IOC was like before it changed", async () => {
    const world = await openStored();
    const [id = ""] = world.feed.idsBetween(world.now, new Date(world.now.getTime() + dayMs));
    const appears = world.feed
      .recordsAt(new Date(world.now.getTime() + dayMs))
      .find((record) => record.id === id);
    const seen = Date.parse(String(appears?.first_seen).replace(" UTC", "Z").replace(" ", "T"));
    world.wait(seen - world.now.getTime() + hourMs);
    await world.run();
    world.wait(8 * dayMs);
    await world.run();
    const document = (await world.documents()).get(id);
    expect(document?.history?.map(({ fields }) => fields.toSorted())).toEqual([
      expect.arrayContaining(["confidence_level", "tags"]),
    ]);
  });

  test("holds the latest state of every public IOC after a week, even where the API does not tell of it any more", async () => {
    const world = await openStored(7);
    for (let day = 2; day < 7; day += 1) {
      world.wait(dayMs);
      expect((await world.run()).asked).toEqual(["get_iocs 2"]);
    }
    world.wait(dayMs);
    expect((await world.run()).asked).toEqual([full, "get_iocs 2"]);
    await expectNothingMissing(world);
    await expectLatestState(world, new Date(0));
    world.wait(7 * dayMs);
    expect((await world.run()).asked).toEqual(["get_iocs 7"]);
    world.wait(dayMs);
    expect((await world.run()).asked).toEqual([full, "get_iocs 2"]);
    await expectLatestState(world, new Date(0));
  });

  test("warns once a day where the export that should refresh older IOCs does not come", async () => {
    const world = await openStored(3);
    const noExport = () =>
      world.sandbox.addFault({
        upstream: "threatfox",
        path: "/export/",
        answer: { kind: "html", status: 503 },
      });
    world.wait(25 * hourMs);
    noExport();
    const failed = await world.run();
    expect(failed).toMatchObject({ connector: { status: "ok" }, asked: [full, "get_iocs 2"] });
    const warnings = failed.lines.filter((line) => line.includes('"level":"warn"'));
    expect(warnings).toEqual([expect.stringContaining("THREATFOX_REFRESH_DAYS")]);
    world.wait(6 * hourMs);
    expect((await world.run()).asked).toEqual(["get_iocs 1"]);
    world.wait(dayMs);
    expect((await world.run()).asked).toEqual([full, "get_iocs 2"]);
    await expectLatestState(world, new Date(0));
  });

  test("keeps the documents of IOCs that ThreatFox has forgotten", async () => {
    const world = await openStored();
    const before = await world.documents();
    world.wait(240 * dayMs);
    expect((await world.run()).asked).toEqual([full, "get_iocs 7"]);
    const after = await world.documents();
    const publicIds = new Set(world.feed.idsBetween(new Date(world.now.getTime() - 170 * dayMs), world.now));
    expect([...before.keys()].some((id) => publicIds.has(id))).toBe(false);
    for (const [id, document] of before) {
      expect(after.get(id)).toEqual(document);
    }
  });

  test("finds a gap again where the export that should fill it does not come", async () => {
    const world = await openStored();
    const from = world.now.toISOString();
    world.wait(8 * dayMs);
    const to = new Date(world.now.getTime() - 7 * dayMs).toISOString();
    world.sandbox.addFault({
      upstream: "threatfox",
      path: "/export/",
      answer: { kind: "html", status: 503 },
    });
    const failed = await world.run();
    expect(failed.connector.status).toBe("failed");
    expect(failed.connector.steps[0]?.gap).toEqual({ from, to });
    expect(failed.asked).toEqual([full, "get_iocs 7"]);
    world.wait(6 * hourMs);
    const filled = await world.run();
    expect(filled.connector.steps[0]).not.toHaveProperty("gap");
    expect(filled.asked).toEqual([full, "get_iocs 1"]);
    await expectNothingMissing(world);
    world.wait(6 * hourMs);
    expect((await world.run()).asked).toEqual(["get_iocs 1"]);
  });
});

describeOnEmbedded("a connector that was down at any time", (openDatabase) => {
  test("holds every IOC in the end, as ThreatFox tells it, whatever the outages", async () => {
    const store = await openDatabase();
    const outage = fc.record({
      hours: fc.oneof(
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 150, max: 200 }),
        fc.integer({ min: 30, max: 24 * 20 }),
      ),
      fault: fc.constantFrom("none", "none", "api", "export", "cut export", "stopped"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(outage, { minLength: 1, maxLength: 6 }), async (outages) => {
        await store.database.dropDatabase();
        const world = await openWorld(store, { THREATFOX_RECENT_HOURS: "24" });
        try {
          await world.run();
          for (const { hours, fault } of outages) {
            world.wait(hours * hourMs);
            await runWithFault(world, fault);
          }
          world.wait(hourMs);
          await runUntilOk(world, outages.length);
          await expectNothingMissing(world);
          world.wait(8 * dayMs);
          await runUntilOk(world, outages.length);
          await expectNothingMissing(world);
          await expectLatestState(world, new Date(0));
        } finally {
          await world.close();
        }
      }),
      { seed: 20_260_110, numRuns: 12 },
    );
  });
});

async function runWithFault(world: World, fault: string): Promise<void> {
  switch (fault) {
    case "none":
      await world.run();
      return;
    case "stopped": {
      const stop = new AbortController();
      await world.run({ signal: stop.signal, onEvent: ({ type }) => type === "page-loaded" && stop.abort() });
      return;
    }
    default:
      world.sandbox.addFault({
        upstream: "threatfox",
        path: fault === "api" ? "/api/" : "/export/",
        answer: fault === "cut export" ? { kind: "truncate" } : { kind: "html", status: 503 },
      });
      await world.run();
  }
}

/** Faults of exports that no run asked for are still waiting. */
async function runUntilOk(world: World, faults: number): Promise<void> {
  for (let failures = 0; ; failures += 1) {
    const { connector } = await world.run();
    if (connector.status === "ok") {
      return;
    }
    expect(failures).toBeLessThan(faults);
    world.wait(hourMs);
  }
}
