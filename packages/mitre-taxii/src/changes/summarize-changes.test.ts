import { expect, test } from "vitest";
import type { Change } from "./changes.js";
import { summarizeChanges } from "./summarize-changes.js";

test("sorts by type, kind of change, ATT&CK id, name and id, whatever the order before", () => {
  const sorted: readonly Change[] = [
    { change: "added", type: "attack-pattern", id: "attack-pattern--9", attack_id: "T0800", version: "1" },
    { change: "added", type: "attack-pattern", id: "attack-pattern--1", attack_id: "T0801", version: "1" },
    { change: "added", type: "attack-pattern", id: "attack-pattern--2", name: "A", version: "1" },
    { change: "added", type: "attack-pattern", id: "attack-pattern--0", version: "1" },
    { change: "modified", type: "attack-pattern", id: "attack-pattern--3", attack_id: "T0001", version: "1" },
    {
      change: "withdrawn",
      type: "attack-pattern",
      id: "attack-pattern--4",
      attack_id: "T0001",
      version: "1",
    },
    { change: "added", type: "relationship", id: "relationship--1", name: "Z uses a", version: "1" },
    { change: "added", type: "relationship", id: "relationship--0", name: "a uses a", version: "1" },
    { change: "added", type: "relationship", id: "relationship--2", name: "a uses a", version: "1" },
  ];
  expect(summarizeChanges({ changes: sorted.toReversed(), notStored: 0 }).changes).toEqual(sorted);
  const halves = [...sorted.slice(4), ...sorted.slice(0, 4)];
  expect(summarizeChanges({ changes: halves, notStored: 0 }).changes).toEqual(sorted);
});
