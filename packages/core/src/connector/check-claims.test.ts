import { expect, test } from "vitest";
import { z } from "zod";
import { checkCollections, checkSettings } from "./check-claims.js";
import { configureConnector } from "./configure-connector.js";
import { defineConnector } from "./define-connector.js";

type Collection = string | { readonly setting: "COLLECTION_NAME" };

/** A connector with a step for each of these collections. */
function connectorOf(name: string, collections: readonly Collection[], COLLECTION_NAME = "iocs") {
  const connector = defineConnector({
    name,
    summary: "a test",
    config: z.object({ COLLECTION_NAME: z.string() }),
    steps: ({ step }) =>
      collections.map((collection, index) =>
        step({
          name: `step-${index}`,
          summary: "a test",
          collection,
          record: z.unknown(),
          async *extract() {},
          transform: () => [],
        }),
      ),
  });
  return configureConnector(connector, { COLLECTION_NAME });
}

const attack = connectorOf("attack", ["objects", "versions"]);
const named = { setting: "COLLECTION_NAME" } as const;

test("no setting may have the name that stands for the file of a secret", () => {
  const secret = { name: "acme", config: z.object({ ACME_KEY: z.string().meta({ secret: true }) }) };
  const taken = {
    name: "other",
    config: z.object({ ACME_KEY_FILE: z.string(), MONGO_URI_FILE: z.string() }),
  };
  expect(() => checkSettings([secret])).not.toThrow();
  expect(() => checkSettings([secret, taken])).toThrow(
    "MONGO_URI_FILE names the file of the secret MONGO_URI: give the setting of other another name\n" +
      "ACME_KEY_FILE names the file of the secret ACME_KEY: give the setting of other another name",
  );
});

test("connectors and steps that load into collections of their own are right", () => {
  expect(() => checkCollections([attack, connectorOf("iocs", [named, "types"])])).not.toThrow();
});

test.each([
  ["another connector's", [attack, connectorOf("iocs", [named], "objects")], "attack loads into it"],
  ["a later connector's", [connectorOf("iocs", [named], "versions"), attack], "attack loads into it"],
  ["a fixed one of its own connector", [connectorOf("iocs", [named, "types"], "types")], "its step step-1"],
  ["core's", [connectorOf("iocs", [named], "etl_runs")], "collections named etl_… belong to core"],
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

test("two settings that name one collection are both named", () => {
  const one = connectorOf("one", [named], "iocs");
  const two = configureConnector(
    defineConnector({
      name: "two",
      summary: "a test",
      config: z.object({ OTHER_NAME: z.string() }),
      steps: ({ step }) => [
        step({
          name: "step",
          summary: "a test",
          collection: { setting: "OTHER_NAME" },
          record: z.unknown(),
          async *extract() {},
          transform: () => [],
        }),
      ],
    }),
    { OTHER_NAME: "iocs" },
  );
  expect(() => checkCollections([one, two])).toThrow(
    /^COLLECTION_NAME and OTHER_NAME must not both be iocs: choose another name for one of them$/u,
  );
});

test.each([
  ["another connector's", [attack, connectorOf("iocs", ["objects"])], "attack loads into it"],
  ["another step's", [connectorOf("iocs", ["types", "types"])], "its step step-0 loads into it"],
  ["core's", [connectorOf("iocs", ["etl_state"])], "collections named etl_… belong to core"],
])("a step that always loads into %s collection is refused by name", (_whose, connectors, reason) => {
  expect(() => checkCollections(connectors)).toThrow(
    new RegExp(`^the step step-\\d of iocs must not load into [a-z_]+: ${reason}`, "u"),
  );
});

test("a setting that two connectors have is refused by its name, and so is one of all connectors", () => {
  const of = (name: string, ...settings: string[]) => ({
    name,
    config: z.object(Object.fromEntries(settings.map((setting) => [setting, z.string()]))),
  });
  expect(() => checkSettings([of("one", "ONE_URL"), of("two", "TWO_URL")])).not.toThrow();
  expect(() => checkSettings([of("one", "API_URL"), of("two", "API_URL")])).toThrow(
    /^API_URL is a setting of one and of two: give it another name in two/u,
  );
  const reader = {
    name: "reader",
    config: z.object({ API_URL: z.string().meta({ owner: "one" }) }),
  };
  expect(() => checkSettings([of("one", "API_URL"), reader])).not.toThrow();
  expect(() => checkSettings([of("one", "DB_NAME")])).toThrow(
    /^DB_NAME is a setting of every connector and of one/u,
  );
});
