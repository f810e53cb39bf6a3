import { expect, test } from "vitest";
import { z } from "zod";
import { configureConnector } from "../connector/configure-connector.js";
import type { ExtractedPage, Listing } from "../connector/connector.js";
import { defineConnector, stepFor } from "../connector/define-connector.js";
import { createLogger } from "../log/create-logger.js";
import { runConnectors } from "../run/run-connectors.js";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { RemovalsRefusedError } from "./guard-removals.js";

type Extract = () => AsyncGenerator<ExtractedPage<number>>;

const ids = (of: string, count: number) => Array.from({ length: count }, (_, index) => `${of}/${index}`);

function listing(of: string, listed: readonly string[], more: Partial<Listing> = {}): Listing {
  return {
    collection: "things",
    scope: { "data.of": of },
    listed: new Set(listed),
    isSuperseded: () => false,
    ...more,
  };
}

function source(extract: Extract) {
  const things = stepFor({ config: z.object({}) })({
    name: "things",
    summary: "",
    collection: "things",
    record: z.string(),
    checkpoint: z.number(),
    extract,
    transform: (id) => [
      { collection: "things", _id: id, data: { of: id.split("/")[0] ?? "" }, enriched: {} },
    ],
  });
  const definition = defineConnector({ name: "source", summary: "", config: z.object({}), steps: [things] });
  return configureConnector(definition, {});
}

describeOnMongo("a listing that withdraws too much", (database) => {
  async function run(extract: Extract, options: { maxRemovedShare?: number; dryRun?: boolean } = {}) {
    const { store } = database();
    const log = createLogger({ level: "silent" });
    const report = await runConnectors({ connectors: [source(extract)], store, log, ...options });
    const [connector] = report.connectors;
    return connector ?? expect.fail("expected the connector's report");
  }

  const load = (...all: readonly string[]) =>
    run(async function* () {
      yield { records: all, checkpoint: 1 };
    });

  async function listedOf(of: string) {
    const listed = await database().all("things");
    return listed.filter(({ _id, removed_at }) => String(_id).startsWith(of) && removed_at === null).length;
  }

  const checkpoint = async () =>
    (await database().all("etl_state")).find(({ _id }) => String(_id).startsWith("checkpoint/"))?.value;

  test("keeps the other listings, the records and the checkpoint of its page from being stored", async () => {
    await load(...ids("a", 30), ...ids("b", 30));
    const report = await run(async function* () {
      const listings = [listing("a", ids("a", 25)), listing("b", ids("b", 3))];
      yield { records: ["c/1"], listings, checkpoint: 2 };
    });
    expect(report).toMatchObject({
      status: "failed",
      reason: expect.stringMatching(
        /^things: the upstream no longer lists 27 of 30 current documents in things of b: /,
      ),
      steps: [{ inserted: 0, withdrawn: 0 }],
    });
    expect([await listedOf("a"), await listedOf("b"), await listedOf("c")]).toEqual([30, 30, 0]);
    expect(await checkpoint()).toBe("1");
  });

  test("is thrown at its page: a step may go on with what does not depend on it, and fails all the same", async () => {
    await load(...ids("a", 30), ...ids("b", 30));
    const caught: unknown[] = [];
    const report = await run(async function* () {
      try {
        yield { records: [], listings: [listing("a", [])], checkpoint: 2 };
      } catch (error) {
        caught.push(error);
      }
      yield { records: ["b/31"], listings: [listing("b", [...ids("b", 29), "b/31"])], checkpoint: 3 };
    });
    expect(caught).toEqual([expect.any(RemovalsRefusedError)]);
    expect(report).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("lists nothing for things of a: 30 of 30 current documents"),
      steps: [{ inserted: 1, withdrawn: 1 }],
    });
    expect([await listedOf("a"), await listedOf("b")]).toEqual([30, 30]);
    expect(await checkpoint()).toBe("3");
  });

  test.each([
    { what: "new versions", more: { isSuperseded: () => true }, removed: { superseded: 30, withdrawn: 0 } },
    { what: "what was asked for", more: { acceptsRemovals: true }, removed: { withdrawn: 30 } },
  ])("is none where it is $what", async ({ more, removed }) => {
    await load(...ids("a", 30));
    const report = await run(async function* () {
      yield { records: ["a/31"], listings: [listing("a", ["a/31"], more)] };
    });
    expect(report).toMatchObject({ status: "ok", steps: [removed] });
  });

  test("is measured by what was current before the run, not by what the run brought", async () => {
    await load(...ids("a", 30));
    const fresh = ids("a/new", 200);
    const report = await run(async function* () {
      yield { records: fresh };
      yield { records: [], listings: [listing("a", fresh)] };
    });
    expect(report.reason).toContain("no longer lists 30 of 30 current documents");
  });

  test.each([
    { maxRemovedShare: 0, left: 29, status: "failed" },
    { maxRemovedShare: 0, left: 30, status: "ok" },
    { maxRemovedShare: 0.01, left: 21, status: "ok" },
    { maxRemovedShare: 0.01, left: 20, status: "failed" },
  ])("few are too many only for the share 0: $maxRemovedShare, $left of 30 left, $status", async (row) => {
    await load(...ids("a", 30));
    const { maxRemovedShare, left, status } = row;
    const report = await run(
      async function* () {
        yield { records: [], listings: [listing("a", ids("a", left))] };
      },
      { maxRemovedShare },
    );
    expect(report).toMatchObject({ status });
  });

  test.each([
    { maxRemovedShare: 0.5, status: "failed" },
    { maxRemovedShare: 0.6, status: "ok" },
    { maxRemovedShare: 1, status: "ok" },
  ])(
    "is one that withdraws more than the share $maxRemovedShare: $status",
    async ({ maxRemovedShare, status }) => {
      await load(...ids("a", 30));
      const extract: Extract = async function* () {
        yield { records: [], listings: [listing("a", ids("a", 12))] };
      };
      expect(await run(extract, { maxRemovedShare, dryRun: true })).toMatchObject({ status });
      expect(await run(extract, { maxRemovedShare })).toMatchObject({ status });
    },
  );
});
