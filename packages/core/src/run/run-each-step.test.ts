import { expect, test } from "vitest";
import { z } from "zod";
import { defineConnector, stepFor } from "../connector/define-connector.js";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { runInTest, type TestRunOptions } from "./run-in-test.js";

const config = z.object({ KEY: z.string().optional() });

/** Two steps, of which the second needs the first; version 2 stores names in upper case, too, and cannot reach its upstream. */
function source(version: 1 | 2) {
  const list = (name: string, needs: readonly string[]) =>
    stepFor({ config })({
      ...{ name, summary: name, needs, collection: name },
      record: z.object({ id: z.string() }),
      checkpoint: z.number(),
      async *extract({ http }) {
        if (version === 2) {
          await http.request("http://127.0.0.1:1/");
        }
        yield { records: ["a", "b", "c"].map((id) => ({ id })), checkpoint: 1 };
      },
      transform: ({ id }) => ({ _id: id, enriched: version === 1 ? {} : { loud: id.toUpperCase() } }),
      restore: { version, record: ({ data }) => data },
    });
  return defineConnector({
    ...{ name: "source", summary: "a source", config },
    skipReason: ({ KEY }) => (KEY === "none" ? "there is no key" : undefined),
    steps: [list("lists", []), list("names", ["lists"])],
  });
}

describeOnMongo("upgrading what an older version has stored", (database) => {
  const run = (connector: ReturnType<typeof source>, options: Partial<TestRunOptions> = {}) =>
    runInTest({ connector, environment: {}, store: database().store, graceMs: 60_000, ...options });
  const enriched = async (collection: string) =>
    (await database().all(collection)).map((document) => document.enriched);
  const loud = [{ loud: "A" }, { loud: "B" }, { loud: "C" }];

  test("needs no upstream: all of it comes before the first request, and the failure is reported", async () => {
    await run(source(1));
    const { connector, events } = await run(source(2));
    expect(await enriched("lists")).toEqual(loud);
    expect(await enriched("names")).toEqual(loud);
    expect(connector).toMatchObject({
      status: "failed",
      reason: expect.stringMatching(/^lists: .*127\.0\.0\.1:1/),
      steps: [
        { name: "lists", extracted: 0, updated: 3 },
        { name: "names", extracted: 0, updated: 3 },
      ],
    });
    expect(events.map((event) => ("step" in event ? `${event.type} ${event.step}` : event.type))).toEqual([
      "connector-started",
      ...["step-started lists", "batch-stored lists", "step-restored lists"],
      ...["step-started names", "batch-stored names", "step-restored names"],
      ...["step-started lists", "connector-finished"],
    ]);
  });

  test("where a step cannot be upgraded, the others are", async () => {
    await run(source(1));
    const lists = database().store.database.collection("lists");
    await lists.dropIndex("ingested_at_1__id_1");
    await lists.createIndex({ ingested_at: 1, _id: 1 }, { sparse: true });
    const { connector } = await run(source(2));
    expect(connector).toMatchObject({ status: "failed", reason: expect.stringContaining("a plain one") });
    expect(await enriched("lists")).toEqual([{}, {}, {}]);
    expect(await enriched("names")).toEqual(loud);
  });

  test("goes on in the next run, after an interruption between two steps", async () => {
    await run(source(1));
    const controller = new AbortController();
    const interrupted = await run(source(2), {
      signal: controller.signal,
      onEvent: ({ type }) => type === "step-restored" && controller.abort(),
    });
    expect(interrupted.connector).toMatchObject({ status: "interrupted", steps: [{ name: "lists" }] });
    expect(await enriched("names")).toEqual([{}, {}, {}]);
    const next = await run(source(2));
    expect(next.connector.steps).toMatchObject([
      { name: "lists", updated: 0 },
      { name: "names", updated: 3 },
    ]);
  });

  test("happens where the connector is skipped, without losing its checkpoints, and then no more", async () => {
    await run(source(1));
    const skipping = { environment: { KEY: "none" }, full: true };
    const first = await run(source(2), skipping);
    expect(first.connector).toMatchObject({
      status: "skipped",
      reason: "there is no key",
      steps: [{ updated: 3 }, { updated: 3 }],
    });
    expect(await enriched("names")).toEqual(loud);
    const state = (await database().all("etl_state")).map(({ _id }) => String(_id));
    expect(state.filter((id) => id.startsWith("checkpoint/"))).toHaveLength(2);
    const second = await run(source(2), skipping);
    expect(second.connector).toMatchObject({ status: "skipped", steps: [] });
  });
});
