import { expect, test } from "vitest";
import { UsageError } from "../process/exit-status.js";
import { connectors } from "../testing/program.js";
import { selectConnectors } from "./select-connectors.js";

const namesOf = (...names: string[]) => selectConnectors(connectors, names).map(({ name }) => name);

test("without names, all run", () => {
  expect(namesOf()).toEqual(["mitre-taxii", "threatfox"]);
});

test("those named run, each once, in their own order", () => {
  expect(namesOf("threatfox")).toEqual(["threatfox"]);
  expect(namesOf("threatfox", "mitre-taxii", "threatfox")).toEqual(["mitre-taxii", "threatfox"]);
});

test.each([
  ["mitre", "Did you mean mitre-taxii?"],
  ["threatfx", "Did you mean threatfox?"],
  ["stats", "Did you mean status?"],
])("%s: %s", (name, question) => {
  expect(() => namesOf(name)).toThrow(question);
});

test("an unknown word is answered with what there is", () => {
  expect(() => namesOf("threatfox", "stats")).toThrow(UsageError);
  expect(() => namesOf("stats")).toThrow(
    /"stats".*run, serve, status, health, rejected, lookup, changes, links, layer, export, notify, sandbox, mongo, config, doctor, completion.*mitre-taxii, threatfox/,
  );
});
