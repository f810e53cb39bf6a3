import { expect, test } from "vitest";
import { z } from "zod";
import { baseConfig } from "./base-config.js";
import { describeConfig, explainSetting } from "./describe-config.js";
import { integerSetting, listSetting } from "./plain-settings.js";
import { quotaSetting } from "./quota-setting.js";

test("lists settings with description, default and whether they are secret, wherever those were put", () => {
  const schema = z.object({
    DAYS: integerSetting().describe("How many days").default(3),
    QUOTA: quotaSetting.prefault("50/600").describe("The quota"),
    NAMES: listSetting().default(["a", "b"]),
    EARLY: z.string().default("x").transform(Number).describe("Outer"),
    KEY: z.string().meta({ secret: true, description: "A key" }).optional(),
    KEY_OUTSIDE: z.string().optional().meta({ secret: true }),
    ADDRESS: z.string().meta({ quoted: false }).optional(),
    NEEDED: z.string().readonly(),
    FOLDER: z.string().meta({ path: true }).default("a"),
    SOURCE: z.string().meta({ path: "or-url" }).optional(),
  });
  expect(describeConfig(schema)).toEqual(
    [
      { name: "DAYS", description: "How many days", default: "3", secret: false, required: false },
      { name: "QUOTA", description: "The quota", default: "50/600", secret: false, required: false },
      { name: "NAMES", description: undefined, default: "a,b", secret: false, required: false },
      { name: "EARLY", description: "Outer", default: "x", secret: false, required: false },
      {
        ...{ name: "KEY", description: "A key", default: undefined, secret: true, required: false },
        fileVariable: "KEY_FILE",
      },
      {
        ...{ name: "KEY_OUTSIDE", description: undefined, default: undefined, secret: true, required: false },
        fileVariable: "KEY_OUTSIDE_FILE",
      },
      {
        ...{ name: "ADDRESS", description: undefined, default: undefined, secret: false, required: false },
        fileVariable: "ADDRESS_FILE",
      },
      { name: "NEEDED", description: undefined, default: undefined, secret: false, required: true },
      { name: "FOLDER", description: undefined, default: "a", secret: false, path: true, required: false },
      {
        name: "SOURCE",
        description: undefined,
        default: undefined,
        secret: false,
        path: "or-url",
        required: false,
      },
    ].map((expected) => ({ path: false, fileVariable: undefined, ...expected })),
  );
});

test("a setting that belongs to another connector is not listed, wherever that was said", () => {
  const schema = z.object({
    OWN: z.string().optional(),
    OTHERS: z.string().default("a").meta({ owner: "threatfox" }),
    INSIDE: z.string().meta({ owner: "threatfox" }).optional(),
  });
  expect(describeConfig(schema).map(({ name }) => name)).toEqual(["OWN"]);
});

test("every setting of core has a description", () => {
  for (const { name, description } of describeConfig(baseConfig)) {
    expect(description, name).toBeTruthy();
  }
});

test("a help text says what a setting is for, its default or that it has to be set, and the variable for its file", () => {
  const schema = z.object({
    DAYS: integerSetting().describe("How many days").default(3),
    KEY: z.string().describe("A key"),
    NOTE: z.string().describe("A note").default(""),
    BARE: z.string().optional(),
    SECRET: z.string().optional().describe("A secret").meta({ secret: true }),
  });
  expect(describeConfig(schema).map(explainSetting)).toEqual([
    "How many days (default: 3)",
    "A key (required)",
    "A note",
    "",
    "A secret; or the file in SECRET_FILE",
  ]);
});
