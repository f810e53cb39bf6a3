import { describe, expect, test } from "vitest";
import { z } from "zod";
import { baseConfig } from "./base-config.js";
import { ConfigError, parseConfig, parseConfigs } from "./parse-config.js";
import { integerSetting } from "./plain-settings.js";

const schema = z.object({
  QUERY_DAYS: integerSetting({ min: 1, max: 7 }).default(3),
  NAME: z.string({ error: "must be a name" }),
  API_KEY: z.string().min(10, { error: "must have ten characters" }).meta({ secret: true }).optional(),
});

function faultsOf(parse: () => unknown): string[] {
  try {
    parse();
  } catch (error) {
    if (error instanceof ConfigError) {
      expect(error.message.split("\n")).toHaveLength(error.faults.length);
      return error.message.split("\n");
    }
    throw error;
  }
  return expect.unreachable("it was expected to fail");
}

describe("parseConfig", () => {
  test("takes what it knows, trims it, and leaves the rest", () => {
    expect(parseConfig(schema, { QUERY_DAYS: " 5 ", NAME: "x\n", OTHER: "y" })).toEqual({
      QUERY_DAYS: 5,
      NAME: "x",
    });
  });

  test.each(["", " ", undefined])("%j is the same as not set", (value) => {
    expect(parseConfig(schema, { QUERY_DAYS: value, NAME: "x", API_KEY: value })).toEqual({
      QUERY_DAYS: 3,
      NAME: "x",
    });
  });

  test("tells of every fault at once: the variable, what was expected, what was given", () => {
    expect(faultsOf(() => parseConfig(schema, { QUERY_DAYS: "9", API_KEY: "hunter2" }))).toEqual([
      'QUERY_DAYS must be a whole number from 1 to 7 (given: "9")',
      "NAME must be a name (it is not set)",
      "API_KEY must have ten characters (the value is a secret and is not shown)",
    ]);
  });

  test("does not show a secret that the schema's message repeats", () => {
    const repeating = z.object({
      KEY: z
        .string()
        .meta({ secret: true })
        .refine(() => false, { error: ({ input }) => `${String(input)} is wrong` }),
    });
    expect(faultsOf(() => parseConfig(repeating, { KEY: "hunter2" }))[0]).not.toContain("hunter2");
  });

  test.each([
    "mongodb://loader:hunter2@",
    "mongodb://loader:hunter2/x@host/",
    "postgres://loader:hunter2@host/",
    "mongodb://loader:hunt%er2@host/",
    "mongodb://loader:hunter2@host:port/?x=1",
  ])("does not show the password of %s", (uri) => {
    const [fault] = faultsOf(() => parseConfig(baseConfig, { MONGO_URI: uri }));
    expect(fault).toMatch(/^MONGO_URI must /);
    expect(fault).not.toMatch(/hunt|loader/);
  });
});

test.each([
  ["https://user:hunter2", "https://user:[redacted]"],
  ["https://user:hunter2/x", "https://user:[redacted]/x"],
  ["https://user:2hunter2?x", "https://user:[redacted]?x"],
  ["https://user:hun/ter2@host", "https://[redacted]@host"],
  ["https://host:8080/x", "https://host:8080/x"],
  ["https://[::1]:8080/x", "https://[::1]:8080/x"],
])("what may be the password in %s is not shown", (url, shown) => {
  const refused = z.object({ URL: z.string().refine(() => false, { error: "is wrong" }) });
  expect(faultsOf(() => parseConfig(refused, { URL: url }))).toEqual([`URL is wrong (given: "${shown}")`]);
});

test("what is not to be quoted is not, wherever that is said", () => {
  const wrong = z.string().refine(() => false, { error: "is wrong" });
  const quiet = z.object({
    A: wrong.meta({ quoted: false }).optional().describe("a"),
    B: wrong.optional().meta({ quoted: false }),
  });
  const said = "is wrong (the value may contain a password and is not shown)";
  expect(faultsOf(() => parseConfig(quiet, { A: "hunter2", B: "hunter2" }))).toEqual([
    `A ${said}`,
    `B ${said}`,
  ]);
});

describe("parseConfigs", () => {
  test("returns each part's settings under its name", () => {
    const { base, own } = parseConfigs({ base: baseConfig, own: schema }, { NAME: "x", DB_NAME: "y" });
    expect(base.DB_NAME).toBe("y");
    expect(own.NAME).toBe("x");
  });

  test("tells of the faults of all parts, each once", () => {
    const parts = { base: baseConfig, a: schema, b: schema };
    expect(faultsOf(() => parseConfigs(parts, { HTTP_RETRIES: "many", NAME: "x", QUERY_DAYS: "0" }))).toEqual(
      [
        'HTTP_RETRIES must be a whole number from 0 to 100 (given: "many")',
        'QUERY_DAYS must be a whole number from 1 to 7 (given: "0")',
      ],
    );
  });
});
