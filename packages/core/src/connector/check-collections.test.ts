import { expect, test } from "vitest";
import { z } from "zod";
import { checkCollections } from "./check-collections.js";
import type { CollectionSpec } from "./connector.js";
import { configureConnector, defineConnector, defineStep } from "./define-connector.js";

/** A connector with a step for each list of collections. */
function connectorOf(name: string, ...steps: readonly (readonly Omit<CollectionSpec, "indexes">[])[]) {
  const connector = defineConnector({
    name,
    summary: "a test",
    config: z.object({}),
    steps: steps.map((collections, index) =>
      defineStep({
        name: `step ${index}`,
        summary: "a test",
        record: z.unknown(),
        collections: () => collections.map((collection) => ({ ...collection, indexes: [] })),
        async *extract() {},
        transform: () => [],
      }),
    ),
  });
  return configureConnector(connector, {});
}

const attack = connectorOf("attack", [{ name: "objects" }], [{ name: "objects" }, { name: "versions" }]);
const named = (name: string) => ({ name, nameSetting: "COLLECTION_NAME" });

test("steps of one connector may share a collection", () => {
  expect(() =>
    checkCollections([attack, connectorOf("iocs", [named("iocs")], [named("iocs")])]),
  ).not.toThrow();
});

test.each([
  ["another connector's", [attack, connectorOf("iocs", [named("objects")])], "attack loads into it"],
  ["a later connector's", [connectorOf("iocs", [named("versions")]), attack], "attack loads into it"],
  [
    "a fixed one of its own connector",
    [connectorOf("iocs", [named("types")], [{ name: "types" }])],
    "iocs loads",
  ],
  ["core's", [connectorOf("iocs", [named("etl_runs")])], "etl_… hold"],
])("a setting that names %s collection is refused by its name", (_whose, connectors, reason) => {
  expect(() => checkCollections(connectors)).toThrow(
    expect.objectContaining({
      name: "ConfigError",
      message: expect.stringMatching(
        new RegExp(`^COLLECTION_NAME must not be [a-z_]+: ${reason}.*another name$`, "u"),
      ),
    }),
  );
});

test.each([
  ["another connector's", [attack, connectorOf("iocs", [{ name: "objects" }])]],
  ["core's", [connectorOf("iocs", [{ name: "etl_state" }])]],
])("a connector that always loads into %s collection is refused", (_whose, connectors) => {
  expect(() => checkCollections(connectors)).toThrow(/^iocs must not load into [a-z_]+: /u);
});
