import { expect, test } from "vitest";
import type { RunEvent, StepCounts } from "./run-event.js";
import { createStepTally } from "./run-event.js";
import { progressAfter, type RunProgress } from "./run-progress.js";

const place = { connector: "source", step: "things" };
const counts: StepCounts = { ...createStepTally(), extracted: 5, inserted: 5 };
const until = new Date("2026-11-23T10:10:00Z");

/** What is known after all these events. */
function progressOf(...events: readonly RunEvent[]): RunProgress | null {
  return events.reduce<RunProgress | null>(progressAfter, null);
}

const started: RunEvent = { type: "step-started", ...place };
const stored: RunEvent = { type: "batch-stored", ...place, counts, total: 9 };
const waiting: RunEvent = {
  type: "waiting",
  connector: "source",
  reason: "budget",
  until,
  message: "50/600",
};

test("tells the step, and how far it is as soon as something is stored", () => {
  expect(progressOf({ type: "connector-started", connector: "source", steps: ["things"] })).toBe(null);
  expect(progressOf(started)).toEqual(place);
  expect(progressOf(started, stored)).toEqual({ ...place, counts, total: 9 });
});

test("tells what a run waits for, and until when, as long as it does", () => {
  const paused = progressOf(started, stored, waiting);
  expect(paused).toEqual({ ...place, counts, total: 9, waiting: { reason: "budget", until } });
  expect(progressAfter(paused, { type: "resumed", connector: "source" })).toEqual({
    ...place,
    counts,
    total: 9,
  });
});

test("forgets a step that has ended", () => {
  expect(progressOf(started, stored, { type: "step-finished", ...place, counts, seconds: 1 })).toBe(null);
});
