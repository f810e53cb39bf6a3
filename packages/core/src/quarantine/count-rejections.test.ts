import { expect, test } from "vitest";
import { z } from "zod";
import { configureConnector } from "../connector/configure-connector.js";
import { defineConnector, stepFor } from "../connector/define-connector.js";
import { createLogger } from "../log/create-logger.js";
import { runConnectors } from "../run/run-connectors.js";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { countRejections } from "./count-rejections.js";

test.each([
  { pages: [[2, 1]], fails: false, holds: false },
  { pages: [[1, 1]], fails: true, holds: false },
  { pages: [[9, 9]], fails: true, holds: false },
  { pages: [[10, 10]], fails: true, holds: true },
  {
    pages: [
      [10, 9],
      [8, 0],
    ],
    fails: false,
    holds: false,
  },
  {
    pages: [
      [10, 10],
      [1_000, 0],
    ],
    fails: true,
    holds: true,
  },
  { pages: [[100, 51]], fails: true, holds: false },
  { pages: [[0, 0]], fails: false, holds: false },
])(
  "pages of [records, rejected] $pages: fails $fails, holds the checkpoint $holds",
  ({ pages, fails, holds }) => {
    const rejections = countRejections();
    for (const [records = 0, rejected = 0] of pages) {
      rejections.addPage(
        records,
        Array.from({ length: rejected }, () => "no id"),
      );
    }
    expect(rejections.fault() !== undefined).toBe(fails);
    expect(rejections.holdsCheckpoint).toBe(holds);
  },
);

test("names the most frequent reason", () => {
  const rejections = countRejections();
  rejections.addPage(4, ["no id", "no name", "no id"]);
  expect(rejections.fault()?.message).toBe(
    "3 of 4 records were rejected. Most frequent reason (2 of them): no id. They are kept in etl_rejected",
  );
});

describeOnMongo("a step whose records are rejected", (database) => {
  let read: number[] = [];
  const run = async (pages: readonly (readonly unknown[])[]) => {
    read = [];
    const step = stepFor({ config: z.object({}) })({
      name: "things",
      summary: "",
      collection: "things",
      record: z.object({ id: z.string() }),
      checkpoint: z.number(),
      async *extract({ checkpoint = 0 }) {
        for (const [index, records] of pages.entries()) {
          if (index >= checkpoint) {
            read.push(index);
            yield { records, checkpoint: index + 1 };
          }
        }
      },
      transform: ({ id }) => ({ _id: id }),
    });
    const after = { ...step, name: "after", collection: "after", async *extract() {} };
    const source = defineConnector({
      name: "source",
      summary: "",
      config: z.object({}),
      steps: [step, after],
    });
    const report = await runConnectors({
      connectors: [configureConnector(source, {})],
      store: database().store,
      log: createLogger({ level: "silent" }),
    });
    return report.connectors[0];
  };
  const good = (name: string) => Array.from({ length: 10 }, (_, index) => ({ id: `${name}${index}` }));
  const bad = Array.from({ length: 10 }, (_, index) => ({ name: index }));

  test("does not move its checkpoint past a page of which nothing could be stored, and loads what comes behind", async () => {
    expect(await run([good("a"), bad, good("b")])).toMatchObject({
      status: "failed",
      reason: expect.stringMatching(
        /^things: 10 of 30 records were rejected; the next run reads them again\. Reason: id: /,
      ),
      steps: [{ extracted: 30, inserted: 20, rejected: 10 }, { name: "after" }],
    });
    expect(await database().all("etl_rejected")).toHaveLength(10);
    expect(await run([good("a"), good("c"), good("b")])).toMatchObject({
      status: "ok",
      steps: [{ inserted: 10 }, {}],
    });
    expect(read).toEqual([1, 2]);
  });

  test("stops where one page after the other brings nothing", async () => {
    expect(await run([bad, bad, bad, bad, good("a")])).toMatchObject({
      status: "failed",
      steps: [{ extracted: 30 }, {}],
    });
    expect(read).toEqual([0, 1, 2]);
  });

  test("fails once where more than half of a small run was rejected, and is not held up by it", async () => {
    expect(await run([[{ name: 1 }]])).toMatchObject({
      status: "failed",
      reason: expect.stringMatching(/^things: 1 of 1 records were rejected\. Reason: id: /),
    });
    expect(await run([[{ name: 1 }]])).toMatchObject({ status: "ok", steps: [{ extracted: 0 }, {}] });
  });
});
