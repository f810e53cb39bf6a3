import { expect, test } from "vitest";
import { createStepTally, type RunEvent, type StepCounts } from "./run-event.js";
import { noProgress, positionOf, type RunProgress, reduceProgress } from "./run-progress.js";

function counts(some: Partial<StepCounts>): StepCounts {
  return { ...createStepTally(), ...some };
}

const at = (second: number) => new Date(Date.UTC(2026, 10, 1, 10, 0, second));

function after(...events: RunEvent[]): RunProgress {
  return events.reduce((progress, event, index) => reduceProgress(progress, event, at(index)), noProgress);
}

const started: RunEvent = {
  type: "connector-started",
  connector: "mitre-taxii",
  steps: ["manifest", "objects"],
};
const manifestStarted: RunEvent = { type: "step-started", connector: "mitre-taxii", step: "manifest" };
const waiting: RunEvent = {
  type: "waiting",
  connector: "mitre-taxii",
  reason: "budget",
  until: at(59),
  message: "50 requests in 10 minutes are used up",
};

test("a connector that starts has all its steps before it", () => {
  expect(after(started).connectors).toEqual([
    {
      name: "mitre-taxii",
      status: "running",
      steps: [
        { name: "manifest", status: "pending" },
        { name: "objects", status: "pending" },
      ],
    },
  ]);
});

test("a step gathers counts and its total, page by page, and knows when it ran", () => {
  const progress = after(
    started,
    manifestStarted,
    {
      type: "page-loaded",
      connector: "mitre-taxii",
      step: "manifest",
      counts: counts({ extracted: 5 }),
      total: 9,
    },
    { type: "page-loaded", connector: "mitre-taxii", step: "manifest", counts: counts({ extracted: 9 }) },
    {
      type: "step-finished",
      connector: "mitre-taxii",
      step: "manifest",
      counts: counts({ extracted: 9 }),
      seconds: 3,
    },
  );
  expect(progress.connectors[0]?.steps[0]).toEqual({
    name: "manifest",
    status: "done",
    startedAt: at(1),
    finishedAt: at(4),
    counts: counts({ extracted: 9 }),
    total: 9,
  });
});

test("a step gathers counts within a page too", () => {
  const progress = after(started, manifestStarted, {
    type: "batch-stored",
    connector: "mitre-taxii",
    step: "manifest",
    counts: counts({ extracted: 9, inserted: 3 }),
    total: 9,
  });
  expect(progress.connectors[0]?.steps[0]).toMatchObject({ counts: { inserted: 3 }, total: 9 });
});

test("a step whose documents are upgraded waits for its turn again, and keeps what it counted", () => {
  const upgraded = counts({ updated: 3 });
  const progress = after(started, manifestStarted, {
    ...{ type: "step-restored", connector: "mitre-taxii", step: "manifest", counts: upgraded },
  });
  expect(progress.connectors[0]?.steps[0]).toEqual({ name: "manifest", status: "pending", counts: upgraded });
  expect(positionOf(progress)).toBeNull();
});

test("the bytes of a file are forgotten once records come from elsewhere", () => {
  const page = (more: object): RunEvent => ({
    type: "page-loaded",
    connector: "mitre-taxii",
    step: "manifest",
    counts: counts({ extracted: 9 }),
    ...more,
  });
  const file = [started, manifestStarted, page({ bytes: { read: 5, total: 9 } })];
  expect(after(...file).connectors[0]?.steps[0]).toMatchObject({ bytes: { read: 5, total: 9 } });
  expect(after(...file, page({ total: 20 })).connectors[0]?.steps[0]).not.toHaveProperty("bytes");
});

test("a wait is there until the connector goes on", () => {
  expect(after(started, waiting).connectors[0]?.wait).toEqual({
    reason: "budget",
    until: at(59),
    message: "50 requests in 10 minutes are used up",
    since: at(1),
  });
  expect(
    after(started, waiting, { type: "resumed", connector: "mitre-taxii" }).connectors[0],
  ).not.toHaveProperty("wait");
  expect(after(started, waiting, manifestStarted).connectors[0]).not.toHaveProperty("wait");
});

test("a step knows how long it has waited, a wait that a failure ended included", () => {
  const resumed: RunEvent = { type: "resumed", connector: "mitre-taxii" };
  const waited = after(started, manifestStarted, waiting, resumed, waiting, waiting, resumed);
  expect(waited.connectors[0]?.steps[0]).toMatchObject({ status: "running", waitedMs: 3_000 });
  expect(waited.connectors[0]?.steps[1]).not.toHaveProperty("waitedMs");
  expect(positionOf(waited)).toEqual({ connector: "mitre-taxii", step: "manifest" });
  const failed = after(started, manifestStarted, waiting, {
    type: "connector-finished",
    report: { ...report, name: "mitre-taxii", status: "failed" },
  });
  expect(failed.connectors[0]?.steps[0]).toMatchObject({ status: "stopped", waitedMs: 1_000 });
});

const report = { requests: 1, retries: 0, throttled: 0, seconds: 2, steps: [] };

test("a connector that fails stops the step that was running, and leaves the others", () => {
  const progress = after(started, manifestStarted, waiting, {
    type: "connector-finished",
    report: { ...report, name: "mitre-taxii", status: "failed", reason: "no network" },
  });
  expect(progress.connectors).toEqual([
    {
      name: "mitre-taxii",
      status: "failed",
      reason: "no network",
      steps: [
        { name: "manifest", status: "stopped", startedAt: at(1), finishedAt: at(3), waitedMs: 1_000 },
        { name: "objects", status: "pending" },
      ],
    },
  ]);
});

test("a connector that is skipped appears although it never started", () => {
  const progress = after(started, {
    type: "connector-finished",
    report: { ...report, name: "threatfox", status: "skipped", reason: "no key" },
  });
  expect(progress.connectors.map(({ name, status }) => [name, status])).toEqual([
    ["mitre-taxii", "running"],
    ["threatfox", "skipped"],
  ]);
});

test("events of one connector leave the others alone", () => {
  const both = after(started, { type: "connector-started", connector: "threatfox", steps: ["iocs"] });
  const progress = reduceProgress(
    both,
    { type: "step-started", connector: "threatfox", step: "iocs" },
    at(9),
  );
  expect(progress.connectors[0]).toBe(both.connectors[0]);
  expect(progress.connectors[1]?.steps[0]?.status).toBe("running");
});

const place = { connector: "source", step: "things" };
const fiveStored = counts({ extracted: 5, inserted: 5 });
const until = new Date("2026-11-23T10:10:00Z");

const begun: RunEvent = { type: "connector-started", connector: "source", steps: ["things"] };
const stepStarted: RunEvent = { type: "step-started", ...place };
const batchStored: RunEvent = { type: "batch-stored", ...place, counts: fiveStored, total: 9 };
const pausing: RunEvent = {
  type: "waiting",
  connector: "source",
  reason: "budget",
  until,
  message: "50/600",
};

function positionAfter(...events: RunEvent[]) {
  return positionOf(after(...events));
}

test("the position names the step, and how far it is as soon as something is stored", () => {
  expect(positionAfter(begun)).toBe(null);
  expect(positionAfter(begun, stepStarted)).toEqual(place);
  expect(positionAfter(begun, stepStarted, batchStored)).toEqual({ ...place, counts: fiveStored, total: 9 });
});

test("the position says what a run waits for, and until when, as long as it does", () => {
  const paused = positionAfter(begun, stepStarted, batchStored, pausing);
  expect(paused).toEqual({ ...place, counts: fiveStored, total: 9, waiting: { reason: "budget", until } });
  expect(
    positionAfter(begun, stepStarted, batchStored, pausing, { type: "resumed", connector: "source" }),
  ).toEqual({
    ...place,
    counts: fiveStored,
    total: 9,
  });
});

test("there is no position between two steps", () => {
  expect(
    positionAfter(begun, stepStarted, batchStored, {
      type: "step-finished",
      ...place,
      counts: fiveStored,
      seconds: 1,
    }),
  ).toBe(null);
});
