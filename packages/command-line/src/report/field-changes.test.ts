import type { Change, ChangedField } from "@cti-connectors/mitre-taxii";
import { expect, test } from "vitest";
import { compareSentences, compareWords, describeFields } from "./field-changes.js";

function fieldsOf(...fields: readonly ChangedField[]) {
  const change: Change = { change: "modified", type: "tool", id: "tool--1", version: "2", fields };
  return describeFields(change);
}

const long = "A sentence that is long enough to be compared by words, and not as a value.";

test("a list shows what was added and removed, and writes objects as their properties", () => {
  const reference = { source_name: "Mandiant", url: "https://a.example/", nested: [1] };
  expect(
    fieldsOf(
      { name: "x_mitre_platforms", before: ["Windows", "Linux"], after: ["Linux", "macOS", "ESXi"] },
      { name: "external_references", after: [reference] },
    ),
  ).toEqual([
    { kind: "list", name: "platforms", added: ["macOS", "ESXi"], removed: ["Windows"] },
    {
      kind: "list",
      name: "external references",
      added: ["source_name: Mandiant, url: https://a.example/, nested: [1]"],
      removed: [],
    },
  ]);
});

test("a long text is compared, and a short one, a number and a flag are values", () => {
  expect(
    fieldsOf(
      { name: "description", before: long, after: `${long}\r\nA second\u001b[2J line.` },
      { name: "name", before: "PsExec", after: "PsExec 2" },
      { name: "x_mitre_is_subtechnique", before: false, after: true },
      { name: "created_by_ref", before: "identity--1" },
    ),
  ).toEqual([
    { kind: "text", name: "description", before: long, after: `${long}\nA second [2J line.` },
    { kind: "value", name: "name", before: "PsExec", after: "PsExec 2" },
    { kind: "value", name: "is subtechnique", before: "false", after: "true" },
    { kind: "value", name: "created by ref", before: "identity--1", after: undefined },
  ]);
});

test("what the class says, the version of the format, and an empty text instead of none are not told", () => {
  expect(
    fieldsOf(
      { name: "revoked", before: false, after: true },
      { name: "x_mitre_deprecated", after: true },
      { name: "x_mitre_attack_spec_version", before: "3.2.0", after: "3.3.0" },
      { name: "x_mitre_detection", after: "" },
    ),
  ).toEqual([]);
});

test("added and removed sentences and words are marked, and the rest is kept as the same", () => {
  const [before, after] = ["They use foo. It ends.", "They use bar. It ends. Really."];
  expect(compareSentences(before, after).filter(({ text }) => text.trim() !== "")).toEqual([
    { kind: "removed", text: "They use foo." },
    { kind: "added", text: "They use bar." },
    { kind: "same", text: " It ends." },
    { kind: "added", text: " Really." },
  ]);
  expect(compareWords(before, after)).toEqual([
    { kind: "same", text: "They use " },
    { kind: "removed", text: "foo" },
    { kind: "added", text: "bar" },
    { kind: "same", text: ". It ends." },
    { kind: "added", text: " Really." },
  ]);
});

test("what is far from a difference is left out, and whole characters stay", () => {
  const same = "😀 word ".repeat(200);
  const [start, removed, added, end] = compareWords(`${same}old ${same}`, `${same}new ${same}`);
  expect([removed, added]).toEqual([
    { kind: "removed", text: "old" },
    { kind: "added", text: "new" },
  ]);
  expect(start?.text).toMatch(/^ … .{60,}word $/u);
  expect(end?.text).toMatch(/^ 😀 word .{60,} … $/u);
  expect(`${start?.text}${end?.text}`).not.toMatch(/\p{Surrogate}/u);
});

test("texts with hardly a word in common are shown as a whole", () => {
  const [before, after] = ["old", "new"].map((word) =>
    Array.from({ length: 5_000 }, (_, index) => `${word}${index}`).join(" "),
  );
  expect(compareWords(before ?? "", after ?? "")).toEqual([
    { kind: "removed", text: before },
    { kind: "added", text: after },
  ]);
});
