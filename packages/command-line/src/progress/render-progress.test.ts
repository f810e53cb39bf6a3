import type { ConnectorProgress, StepProgress } from "@cti-connectors/core/host";
import { expect, test } from "vitest";
import { counts } from "../testing/counts.js";
import { plain } from "../text/paint.js";
import { type FrameOptions, renderProgress } from "./render-progress.js";

const at = (second: number) => new Date(Date.UTC(2026, 10, 1, 10, 0, second));
const options = { now: at(30), frame: 0, width: 120, paint: plain, timeZone: "UTC" };

function lines(connector: Partial<ConnectorProgress>, more: Partial<FrameOptions> = {}) {
  const whole: ConnectorProgress = { name: "mitre-taxii", status: "running", steps: [], ...connector };
  return renderProgress({ connectors: [whole] }, { ...options, ...more }).split("\n");
}

const running: StepProgress = { name: "objects", status: "running", startedAt: at(20) };

test("shows every step: done, running with a bar, and still to come", () => {
  expect(
    lines({
      steps: [
        {
          name: "manifest",
          status: "done",
          startedAt: at(0),
          finishedAt: at(20),
          counts: counts({ extracted: 24_772, inserted: 24_772 }),
        },
        {
          ...running,
          counts: counts({ extracted: 10_000, inserted: 9_000, unchanged: 1_000 }),
          total: 24_772,
        },
        { name: "versions", status: "pending" },
      ],
    }),
  ).toEqual([
    "mitre-taxii",
    "  ✔ manifest  24,772 records (24,772 new)  0:20",
    "  ⠋ objects   ████████░░░░░░░░░░░░  40% of 24,772  10,000 records (9,000 new, 1,000 unchanged)  1,000/s  0:10",
    "    versions",
  ]);
});

test("shows a spinner alone where nobody knows how much there is", () => {
  expect(lines({ steps: [running] })[1]).toBe("  ⠋ objects  0:10");
  expect(lines({ steps: [running] }, { frame: 1 })[1]).toBe("  ⠙ objects  0:10");
});

test("shows how much of a file is read", () => {
  const bytes = { read: 412_000_000, total: 690_000_000 };
  const step = { ...running, counts: counts({ extracted: 893_112, inserted: 893_112 }), bytes };
  expect(lines({ steps: [step] })[1]).toBe(
    "  ⠋ objects  ███████████░░░░░░░░░  59% 412 MB of 690 MB  893,112 records (893,112 new)  89,311/s  0:10",
  );
});

test("a bar never runs over its end", () => {
  const step = { ...running, counts: counts({ extracted: 30 }), total: 20 };
  expect(lines({ steps: [step] })[1]).toContain("████████████████████ 100% of 20");
});

test("shows changes, removals and refusals", () => {
  const many = counts({ extracted: 1, updated: 1, superseded: 2, withdrawn: 1, rejected: 4 });
  expect(lines({ steps: [{ ...running, counts: many }] })[1]).toContain(
    "1 record (1 changed, 3 removed, 4 rejected)",
  );
});

test("says what it waits for, until when and how long", () => {
  const wait = {
    reason: "budget",
    until: at(30 + 521),
    message: "request budget used (50 per 600 s)",
    since: at(30),
  } as const;
  expect(lines({ steps: [running], wait })).toContain(
    "  ⏳ request budget used (50 per 600 s); resuming at 10:09:11, in 8:41",
  );
  expect(lines({ steps: [running], wait }, { width: 40 }).slice(-2)).toEqual([
    "  ⏳ request budget used (50 per 600 s)",
    "     resuming at 10:09:11, in 8:41",
  ]);
});

test("the rate does not count the time spent waiting, now and before", () => {
  const step = { ...running, startedAt: at(0), waitedMs: 12_000, counts: counts({ extracted: 1_000 }) };
  const wait = { reason: "budget", until: at(40), message: "…", since: at(22) } as const;
  expect(lines({ steps: [step], wait })[1]).toBe("  ⠋ objects  1,000 records  100/s  0:30");
});

test("a skipped connector is one line with its reason", () => {
  expect(lines({ status: "skipped", reason: "set THREATFOX_API_KEY" })).toEqual([
    "mitre-taxii",
    "  – skipped: set THREATFOX_API_KEY",
  ]);
});

test("a failed connector shows its reason under the step that stopped", () => {
  const step: StepProgress = { name: "objects", status: "stopped", startedAt: at(20), finishedAt: at(21) };
  expect(lines({ status: "failed", reason: "the connection was refused", steps: [step] })).toEqual([
    "mitre-taxii",
    "  ■ objects  0:01",
    "  ✖ the connection was refused",
  ]);
});

test("while it runs, the last line shows the time, and an interruption", () => {
  expect(lines({}, { startedAt: at(0) }).at(-1)).toBe("⠋ 0:30");
  expect(lines({}, { startedAt: at(0), notice: "finishing the page in hand" }).at(-1)).toBe(
    "⠋ 0:30  finishing the page in hand",
  );
});

test("no line is wider than the terminal", () => {
  const wait = { reason: "retry", until: at(40), since: at(30), message: "x".repeat(300) } as const;
  for (const line of lines({ steps: [running], wait, status: "running" }, { width: 40 })) {
    expect(Array.from(line).length).toBeLessThanOrEqual(40);
  }
  expect(lines({ steps: [running], wait }, { width: 40 }).at(-2)).toMatch(/…$/);
});
