import { expect, test } from "vitest";
import { compareObjects } from "./compare-objects.js";

const object = {
  type: "attack-pattern",
  name: "PowerShell",
  modified: "2025-01-01T00:00:00.000Z",
  x_mitre_version: "1.0",
  x_mitre_platforms: ["Windows", "Linux"],
  external_references: [{ source_name: "a", url: "https://a.example" }, { source_name: "b" }],
};

test("an object and itself differ in nothing", () => {
  expect(compareObjects(object, structuredClone(object))).toEqual([]);
});

test("lists changed, added and removed properties with both values", () => {
  const { name: _name, ...rest } = object;
  expect(compareObjects(object, { ...rest, description: "New", type: "tool" })).toEqual([
    { name: "description", after: "New" },
    { name: "name", before: "PowerShell" },
    { name: "type", before: "attack-pattern", after: "tool" },
  ]);
});

test("the order of lists and of keys is no difference, and how often an item is listed is one", () => {
  const reordered = {
    ...object,
    x_mitre_platforms: ["Linux", "Windows"],
    external_references: [{ source_name: "b" }, { url: "https://a.example", source_name: "a" }],
  };
  expect(compareObjects(object, reordered)).toEqual([]);
  const twice = { ...object, x_mitre_platforms: ["Linux", "Windows", "Linux"] };
  expect(compareObjects(object, twice).map(({ name }) => name)).toEqual(["x_mitre_platforms"]);
});

test("versions and the contents of a release are no fields", () => {
  const next = {
    ...object,
    modified: "2026-01-01T00:00:00.000Z",
    x_mitre_version: "2.0",
    x_mitre_contents: [1],
  };
  expect(compareObjects(object, next)).toEqual([]);
});
