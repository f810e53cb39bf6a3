import { noProgress, type RunEvent, reduceProgress } from "@cti-connectors/core/host";
import { expect, test, vi } from "vitest";
import { counts } from "../testing/counts.js";
import { createRunView, isWatched, showLogLine, tellsNews } from "./run-view.js";

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

test("a log at debug has batches too", () => {
  expect(linesOf("debug").filter((line) => line.includes("batch stored"))).toEqual([
    "DEBUG batch stored connector=mitre-taxii step=objects extracted=2000 inserted=1000",
    "DEBUG batch stored connector=mitre-taxii step=objects extracted=2000 inserted=2000",
  ]);
});

const page = (extracted: number): Extract<RunEvent, { type: "batch-stored" | "page-loaded" }> => ({
  type: "page-loaded",
  connector: "threatfox",
  step: "iocs",
  counts: counts({ extracted }),
});
const started: RunEvent = { type: "connector-started", connector: "threatfox", steps: ["iocs"] };
const progress = [started, page(3)].reduce(
  (before, event) => reduceProgress(before, event, new Date()),
  noProgress,
);

test("a page with records is news, one without is not", () => {
  expect(tellsNews(noProgress, page(0))).toBe(true);
  expect(tellsNews(progress, page(4))).toBe(true);
  expect(tellsNews(progress, page(3))).toBe(false);
});

test("a download that goes on is none", () => {
  expect(tellsNews(noProgress, { ...page(0), bytes: { read: 1, total: 9 } })).toBe(false);
  expect(tellsNews(noProgress, { ...page(1), bytes: { read: 1, total: 9 } })).toBe(true);
});

test("everything else is news", () => {
  expect(tellsNews(progress, { type: "resumed", connector: "threatfox" })).toBe(true);
});

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

test("a log line among the bars has neither a time nor an id", () => {
  const fields = { collection: "x-mitre-collection--90c00720-636b-4485-b342-8751d232bf09", reason: "404" };
  const line = JSON.stringify({
    time: "2026-11-27T11:29:14.205Z",
    level: "info",
    msg: "Mobile ATT&CK",
    ...fields,
  });
  expect(showLogLine(line)).toBe("INFO  Mobile ATT&CK reason=404");
});
