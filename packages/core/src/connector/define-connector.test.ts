import { resolve } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { OptionError, type RunOption } from "./connector.js";
import { configureConnector, defineConnector } from "./define-connector.js";

const config = z.object({ DAYS: z.number() });
type Config = z.output<typeof config>;

/** Says in its reason to be skipped with which settings it would run. */
function connectorWith(options: Readonly<Record<string, RunOption<Config>>>) {
  return defineConnector({
    name: "acme",
    summary: "a test",
    config,
    options,
    skipReason: (settings) => JSON.stringify(settings),
    steps: [],
  });
}

const days: RunOption<Config> = {
  value: "<days>",
  summary: "a test",
  apply(settings, value) {
    if (!Number(value)) {
      throw new OptionError("must be a number of days");
    }
    return { ...settings, DAYS: Number(value) };
  },
};

test("an option makes the settings of the run, and those of other connectors do nothing", () => {
  const run = (options: Readonly<Record<string, string | true>>) =>
    configureConnector(connectorWith({ days }), { DAYS: 1 }, options).skipReason;
  expect(run({})).toBe('{"DAYS":1}');
  expect(run({ days: "7", sample: true, constructor: "x" })).toBe('{"DAYS":7}');
});

test("an option that cannot be used is named", () => {
  const configure = () => configureConnector(connectorWith({ days }), { DAYS: 1 }, { days: "soon" });
  expect(configure).toThrow(OptionError);
  expect(configure).toThrow("--days must be a number of days");
});

test("a path counts from the current folder where the program does not say otherwise", () => {
  let path: string | undefined;
  const file: RunOption<Config> = {
    value: "<file>",
    summary: "a test",
    apply(settings, value, { resolvePath }) {
      path = resolvePath(String(value));
      return settings;
    },
  };
  configureConnector(connectorWith({ file }), { DAYS: 1 }, { file: "a.json" });
  expect(path).toBe(resolve("a.json"));
});

test.each(["noDays", "Days", "no-days", "-days", "days_back", "d", ""])(
  "an option named %j is no flag of a command line, and refused by its name",
  (name) => {
    expect(() => connectorWith({ [name]: days })).toThrow(`the connector acme has an option named ${name}:`);
  },
);

test("words with - between them are a name", () => {
  expect(() => connectorWith({ "days-back": days })).not.toThrow();
});
