import { expect, test } from "vitest";
import { z } from "zod";
import { configureConnector } from "../connector/configure-connector.js";
import type { ExtractedPage } from "../connector/connector.js";
import { defineConnector } from "../connector/define-connector.js";
import type { JsonValue } from "../json/json.js";
import { pageToLoad } from "./page-to-load.js";

function load(
  page: ExtractedPage<JsonValue>,
  collection: { collection?: string } = { collection: "things" },
) {
  const connector = defineConnector({
    name: "source",
    summary: "a test",
    config: z.object({}),
    steps: ({ step }) => [
      step({
        name: "things",
        summary: "a test",
        ...collection,
        record: z.unknown(),
        async *extract() {},
        transform: () => [],
      }),
    ],
  });
  const [step] = configureConnector(connector, {}).steps;
  return pageToLoad(page, step ?? expect.fail("the connector has a step"));
}

test("a page that only moves the checkpoint has no records, even where the checkpoint is null", () => {
  expect(load({ checkpointOnly: null, total: 3 })).toEqual({
    records: [],
    listings: [],
    checkpoint: null,
    total: 3,
  });
});

test("lists is a listing of the step's whole collection, beside those that the page has", () => {
  const { listings } = load({
    records: [],
    lists: ["a", "a", "b"],
    listings: [{ listed: new Set(["c"]), scope: { "data.kind": "x" } }],
  });
  expect(listings).toMatchObject([
    { collection: "things", scope: { "data.kind": "x" }, listed: new Set(["c"]) },
    { collection: "things", scope: {}, listed: new Set(["a", "b"]) },
  ]);
  expect(listings[0]?.isSuperseded("c")).toBe(false);
});

test("a listing needs a collection", () => {
  expect(() => load({ records: [], lists: [] }, {})).toThrow(
    "the step things yields a listing without a collection, and has none of its own",
  );
});

test("a page without records says what to write", () => {
  const misspelt = JSON.parse('{ "record": [] }');
  expect(() => load(misspelt)).toThrow(/^the step things yields a page without records: write \{ records: /u);
});
