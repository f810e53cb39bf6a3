import { expect, test } from "vitest";
import { isWatched } from "./is-watched.js";

const terminal = { isTTY: true, columns: 80 };

test("a terminal is watched", () => {
  expect(isWatched(terminal, { TERM: "xterm" }, "text")).toBe(true);
});

test.each([
  ["a pipe", { isTTY: false, columns: 80 }, {}, "text"],
  ["a terminal without a size", { isTTY: true, columns: 0 }, {}, "text"],
  ["CI", terminal, { CI: "true" }, "text"],
  ["a dumb terminal", terminal, { TERM: "dumb" }, "text"],
  ["LOG_FORMAT=json", terminal, {}, "json"],
] as const)("%s is not", (_name, stream, environment, format) => {
  expect(isWatched(stream, environment, format)).toBe(false);
});
