import { expect, test } from "vitest";
import { createLogger } from "../log/create-logger.js";
import { logEvent } from "./log-event.js";
import { createStepTally, type RunEvent, type StepCounts } from "./run-event.js";

function counts(some: Partial<StepCounts> = {}): StepCounts {
  return { ...createStepTally(), ...some };
}

function logged(event: RunEvent): string {
  let text = "";
  const destination = { write: (line: string) => (text += line) };
  logEvent(createLogger({ destination, level: "debug" }), event);
  return text.replace(/^\S+ /, "").trimEnd();
}

const report = { requests: 7, retries: 1, throttled: 0, seconds: 1.26, steps: [] };

test.each<[string, RunEvent]>([
  [
    'INFO  connector started connector=mitre-taxii steps=["manifest","objects"]',
    { type: "connector-started", connector: "mitre-taxii", steps: ["manifest", "objects"] },
  ],
  [
    "INFO  step started connector=mitre-taxii step=objects",
    { type: "step-started", connector: "mitre-taxii", step: "objects" },
  ],
  [
    "INFO  stored documents have the shape of this version connector=mitre-taxii step=objects updated=3",
    {
      ...{ type: "step-restored", connector: "mitre-taxii", step: "objects" },
      counts: counts({ updated: 3 }),
    },
  ],
  [
    "INFO  page loaded connector=mitre-taxii step=objects extracted=5 inserted=4 rejected=1 total=9",
    {
      type: "page-loaded",
      connector: "mitre-taxii",
      step: "objects",
      counts: counts({ extracted: 5, inserted: 4, rejected: 1 }),
      total: 9,
    },
  ],
  [
    "INFO  page loaded connector=threatfox step=iocs extracted=5 inserted=5 bytes_read=20 bytes_total=90",
    {
      type: "page-loaded",
      connector: "threatfox",
      step: "iocs",
      counts: counts({ extracted: 5, inserted: 5 }),
      bytes: { read: 20, total: 90 },
    },
  ],
  [
    "DEBUG batch stored connector=mitre-taxii step=objects extracted=5 inserted=2 total=9",
    {
      type: "batch-stored",
      connector: "mitre-taxii",
      step: "objects",
      counts: counts({ extracted: 5, inserted: 2 }),
      total: 9,
    },
  ],
  [
    "WARN  waiting: quota used up connector=mitre-taxii reason=budget until=2026-11-01T10:00:00.000Z",
    {
      type: "waiting",
      connector: "mitre-taxii",
      reason: "budget",
      until: new Date("2026-11-01T10:00:00Z"),
      message: "quota used up",
    },
  ],
  ["INFO  resuming connector=mitre-taxii", { type: "resumed", connector: "mitre-taxii" }],
  [
    "INFO  step finished connector=mitre-taxii step=objects extracted=0 seconds=2.3",
    { type: "step-finished", connector: "mitre-taxii", step: "objects", counts: counts(), seconds: 2.345 },
  ],
  [
    "INFO  connector finished connector=a requests=7 retries=1 throttled=0 seconds=1.3",
    { type: "connector-finished", report: { ...report, name: "a", status: "ok" } },
  ],
  [
    "ERROR connector failed: no network connector=a requests=7 retries=1 throttled=0 seconds=1.3",
    { type: "connector-finished", report: { ...report, name: "a", status: "failed", reason: "no network" } },
  ],
  [
    "WARN  connector skipped: no key connector=a",
    { type: "connector-finished", report: { ...report, name: "a", status: "skipped", reason: "no key" } },
  ],
  [
    "WARN  connector interrupted before anything was loaded connector=a requests=7 retries=1 throttled=0 seconds=1.3",
    { type: "connector-finished", report: { ...report, name: "a", status: "interrupted" } },
  ],
  [
    "WARN  connector interrupted: progress is saved connector=a requests=7 retries=1 throttled=0 seconds=1.3",
    {
      type: "connector-finished",
      report: {
        ...report,
        name: "a",
        status: "interrupted",
        steps: [{ ...counts({ extracted: 1 }), name: "s" }],
      },
    },
  ],
  [
    "WARN  connector interrupted: progress is saved connector=b requests=7 retries=1 throttled=0 seconds=1.3",
    {
      type: "connector-finished",
      report: {
        ...report,
        name: "b",
        status: "interrupted",
        // Stored documents were brought to a new shape.
        steps: [{ ...counts({ updated: 1 }), name: "s" }],
      },
    },
  ],
])("%s", (line, event) => {
  expect(logged(event)).toBe(line);
});
