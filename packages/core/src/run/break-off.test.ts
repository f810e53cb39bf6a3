import { expect, test } from "vitest";
import { z } from "zod";
import { defineConnector } from "../connector/define-connector.js";
import { storedIn } from "../store/read-database.js";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { breakOffAt } from "./break-off.js";
import { runInTest } from "./run-in-test.js";

/** Two steps with two pages each, of one record each. */
const connector = defineConnector({
  name: "acme",
  summary: "a test",
  config: z.object({}),
  steps: ({ step }) =>
    ["one", "two"].map((name) =>
      step({
        name,
        summary: "a test",
        collection: name,
        record: z.string(),
        checkpoint: z.number(),
        async *extract({ checkpoint = 0, signal }) {
          for (let page = checkpoint + 1; page <= 2 && !signal.aborted; page += 1) {
            yield { records: [`${name}-${page}`], checkpoint: page };
          }
        },
        transform: (record) => ({ _id: record }),
      }),
    ),
});

describeOnMongo("a run that is broken off", (database) => {
  test.each([
    ["after", ["two-1"], 1],
    ["before the checkpoint of", ["two-1"], 2],
    ["before the documents of", [], 2],
  ] as const)("%s a page has stored %j, and the next run extracts %d records", async (point, ids, left) => {
    const { store } = database();
    await runInTest({ connector, environment: {}, store, ...breakOffAt(3, point) });
    expect((await storedIn(store, "two")).map(({ _id }) => _id)).toEqual(ids);
    const { connector: next } = await runInTest({ connector, environment: {}, store });
    expect(next.steps.map(({ extracted }) => extracted)).toEqual([0, left]);
  });
});
