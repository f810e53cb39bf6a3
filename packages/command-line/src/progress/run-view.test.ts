import type { RunEvent } from "@cti-connectors/core";
import { expect, test, vi } from "vitest";
import { counts } from "../testing/counts.js";
import { createRunView } from "./run-view.js";

const place = { connector: "mitre-taxii", step: "objects" };
const events: readonly RunEvent[] = [
  { type: "connector-started", connector: "mitre-taxii", steps: ["objects"] },
  { type: "step-started", ...place },
  { type: "batch-stored", ...place, counts: counts({ extracted: 2_000, inserted: 1_000 }) },
  { type: "batch-stored", ...place, counts: counts({ extracted: 2_000, inserted: 2_000 }) },
  { type: "page-loaded", ...place, counts: counts({ extracted: 2_000, inserted: 2_000 }) },
  { type: "page-loaded", ...place, counts: counts({ extracted: 2_000, inserted: 2_000 }) },
  { type: "step-finished", ...place, counts: counts({ extracted: 2_000, inserted: 2_000 }), seconds: 1 },
];

function linesOf(level: "info" | "debug"): string[] {
  let text = "";
  const write = vi.spyOn(process.stderr, "write").mockImplementation((line) => {
    text += String(line);
    return true;
  });
  try {
    const view = createRunView({
      watched: false,
      config: { LOG_LEVEL: level, LOG_FORMAT: "text" },
      secrets: [],
      terminal: { print: () => {}, say: () => {} },
    });
    for (const event of events) {
      view.show(event);
    }
    view.close();
  } finally {
    write.mockRestore();
  }
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^\S+ +/, ""));
}

test("a log has one line per page that brought something, however many batches it was stored in", () => {
  expect(linesOf("info")).toEqual([
    'INFO  connector started connector=mitre-taxii steps=["objects"]',
    "INFO  step started connector=mitre-taxii step=objects",
    "INFO  page loaded connector=mitre-taxii step=objects extracted=2000 inserted=2000",
    "INFO  step finished connector=mitre-taxii step=objects extracted=2000 inserted=2000 seconds=1",
  ]);
});

test("a log at debug tells of batches too", () => {
  expect(linesOf("debug").filter((line) => line.includes("batch stored"))).toEqual([
    "DEBUG batch stored connector=mitre-taxii step=objects extracted=2000 inserted=1000",
    "DEBUG batch stored connector=mitre-taxii step=objects extracted=2000 inserted=2000",
  ]);
});
