import type { DemoAnswer } from "@cti-connectors/core/host";
import { expect, test } from "vitest";
import { showDemo } from "./show-demo.js";

const answer: DemoAnswer = {
  question: "IOCs of Cobalt Strike, newest first",
  collection: "my_iocs",
  filter: { "enriched.malware_name": "Cobalt Strike" },
  sort: { "enriched.first_seen": -1 },
  limit: 10,
  columns: {
    indicator: "enriched.value",
    confidence: "enriched.confidence",
    tags: "enriched.tags",
    seen: "at",
  },
  rows: [
    ["a.example", 100, ["c2", "beacon"], new Date("2026-11-23T02:36:59Z")],
    ["b.example", 80, [], null],
    ["", undefined, { a: 1 }, false],
  ],
};

test("a question comes with its query and its answer as a table", () => {
  expect(showDemo([answer], 110).split("\n")).toEqual([
    "IOCs of Cobalt Strike, newest first",
    '  db.my_iocs.find({ "enriched.malware_name": "Cobalt Strike" }).sort({ "enriched.first_seen": -1 })',
    "    indicator  confidence  tags        seen",
    "    a.example         100  c2, beacon  2026-11-23 02:36",
    "    b.example          80  –           –",
    '    –                   –  {"a":1}     false',
    "",
  ]);
});

test("a query whose answer was cut says its limit", () => {
  expect(showDemo([{ ...answer, limit: 3 }], 110)).toContain(
    '.sort({ "enriched.first_seen": -1 }).limit(3)\n',
  );
});

test("a question without an answer says so", () => {
  expect(
    showDemo([{ ...answer, rows: [] }], 110)
      .split("\n")
      .slice(2),
  ).toEqual(["    nothing was found", ""]);
});

test("a value neither starts a line nor steers the terminal, and a long one is cut", () => {
  const rows = [["a\n\u001b[31mb", 1, ["x".repeat(200)], "y"]];
  const table = showDemo([{ ...answer, rows }], 200).split("\n");
  expect(table).toHaveLength(5);
  expect(table[3]).toMatch(/^ {4}a \[31mb +1 {2}x{127}… {2}y$/);
});

test("on a narrow terminal a long query has a line for each field, and the widest texts are cut", () => {
  const rows = [["x".repeat(40), 100, ["c2"], "2026"]];
  expect(
    showDemo([{ ...answer, rows }], 60)
      .split("\n")
      .slice(1, -1),
  ).toEqual([
    "  db.my_iocs.find({",
    '    "enriched.malware_name": "Cobalt Strike"',
    '  }).sort({ "enriched.first_seen": -1 })',
    "    indicator                         confidence  tags  seen",
    `    ${"x".repeat(31)}…         100  c2    2026`,
  ]);
});

test("on a very narrow terminal each row is a list of its cells", () => {
  expect(showDemo([answer], 40).split("\n").slice(4, 9)).toEqual([
    "    indicator   a.example",
    "    confidence  100",
    "    tags        c2, beacon",
    "    seen        2026-11-23 02:36",
    "",
  ]);
});
