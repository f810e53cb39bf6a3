import { expect, test } from "vitest";
import { z } from "zod";
import { defineConnector } from "../connector/define-connector.js";
import { describeOnMongo } from "../testing/mongo-servers.js";
import { runInTest } from "./run-in-test.js";

const letters = defineConnector({
  name: "letters",
  summary: "the letters of a setting",
  config: z.object({ LETTERS: z.string() }),
  steps: ({ step }) => [
    step({
      name: "letters",
      summary: "each letter",
      collection: "letters",
      record: z.string(),
      async *extract({ config, log }) {
        log.debug({ letters: config.LETTERS }, "reading");
        yield { records: [...config.LETTERS] };
      },
      transform: (letter) => ({ _id: letter }),
    }),
  ],
});

describeOnMongo("a run in a test", (database) => {
  test("takes settings as they are written, and tells the report, the log and the events", async () => {
    const { store } = database();
    const seen: string[] = [];
    const told = await runInTest({
      connector: letters,
      environment: { LETTERS: "abc" },
      store,
      runId: "a-run",
      onEvent: ({ type }) => seen.push(type),
    });
    expect(told.report).toMatchObject({ runId: "a-run", status: "ok" });
    expect(told.connector.steps).toMatchObject([{ name: "letters", inserted: 3 }]);
    expect(told.lines.map((line) => JSON.parse(line))).toMatchObject([{ msg: "reading", letters: "abc" }]);
    expect(told.events.map(({ type }) => type)).toEqual(seen);
    expect(seen).toContain("page-loaded");
    expect(await store.reader.count("letters", {})).toBe(3);
  });

  test("can change the connector behind its settings", async () => {
    const { connector } = await runInTest({
      connector: letters,
      environment: { LETTERS: "abc" },
      store: database().store,
      alter: (configured) => ({ ...configured, steps: [] }),
    });
    expect(connector).toMatchObject({ status: "ok", steps: [] });
  });
});
