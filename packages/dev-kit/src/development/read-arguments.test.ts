import { defineConnector } from "@cti-connectors/core";
import { afterEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { readArguments } from "./read-arguments.js";

const connector = defineConnector({
  name: "things",
  summary: "all the things",
  config: z.object({}),
  options: {
    few: { summary: "load one", apply: (config) => config },
    "load-from": { value: "[source]", summary: "load a file first", apply: (config) => config },
  },
  steps: [],
});

const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
afterEach(() => written.mockClear());

test("has a default for everything", () => {
  expect(readArguments([], connector)).toEqual({
    ...{ watch: false, live: false, runs: 1, full: false, dryRun: false, show: 3, json: false },
    own: {},
  });
});

test("reads options of its own and of the connector, with and without the dashes that npm needs", () => {
  const args = ["things", "--few", "--load-from", "a.json", "--runs", "2", "--log-level", "debug"];
  const expected = { runs: 2, logLevel: "debug", own: { few: true, "load-from": "a.json" } };
  expect(readArguments(args, connector)).toMatchObject(expected);
  expect(readArguments(["--", ...args], connector)).toMatchObject(expected);
  expect(readArguments(["--load-from"], connector).own).toEqual({ "load-from": true });
});

test("an option of the connector must not be one of dev's own", () => {
  const show = { summary: "show it", apply: <Config>(config: Config) => config };
  const clash = defineConnector({
    name: "things",
    summary: "",
    config: z.object({}),
    options: { show },
    steps: [],
  });
  expect(() => readArguments([], clash)).toThrow(
    "things has the option --show, which dev itself has: rename it in things.",
  );
});

test.each([
  [["--fw"], "unknown option '--fw'\n(Did you mean --few?)"],
  [["thing"], "This package has the connector things."],
  [["things", "more"], "too many arguments"],
  [["--runs", "0"], "must be a whole number from 1"],
  [["--runs", "1.5"], "must be a whole number"],
  [["--show", "-1"], "must be a whole number"],
  [["--log-level", "loud"], "Allowed choices are debug, info, warn, error, silent"],
])("%s is refused", (args, message) => {
  expect(() => readArguments(args, connector)).toThrow();
  expect(written.mock.calls.join("")).toContain(message);
});
