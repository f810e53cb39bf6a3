import { expect, test } from "vitest";
import { compareContents } from "./compare-contents.js";

test("tells what came, has another version, or went", () => {
  const from = new Map([
    ["tool--same", "2025-01-01T00:00:00.000Z"],
    ["tool--written-otherwise", "2025-01-01T00:00:00.000Z"],
    ["tool--changed", "2025-01-01T00:00:00.000Z"],
    ["tool--went", "2025-01-01T00:00:00.000Z"],
  ]);
  const to = new Map([
    ["tool--came", "2025-02-01T00:00:00.000Z"],
    ["tool--same", "2025-01-01T00:00:00.000Z"],
    ["tool--written-otherwise", "2025-01-01T00:00:00Z"],
    ["tool--changed", "2025-02-01T00:00:00.000Z"],
  ]);
  expect(compareContents(from, to)).toEqual([
    { change: "added", objectId: "tool--came", version: "2025-02-01T00:00:00.000Z" },
    {
      change: "modified",
      objectId: "tool--changed",
      version: "2025-02-01T00:00:00.000Z",
      previousVersion: "2025-01-01T00:00:00.000Z",
    },
    { change: "withdrawn", objectId: "tool--went", version: "2025-01-01T00:00:00.000Z" },
  ]);
});
