import {
  type ConnectorReport,
  noProgress,
  type RunProgress,
  type RunReport,
} from "@cti-connectors/core/host";
import { expect, test } from "vitest";
import { counts } from "../testing/counts.js";
import { plain } from "../text/paint.js";
import { type RenderRunOptions, renderRun } from "./render-run.js";

const place = { place: "embedded database", look: ["mongosh …"] };
const options: RenderRunOptions = {
  ...{ progress: noProgress, place, command: "cti", demo: undefined, paint: plain, dryRun: false, width: 80 },
};
/** The end of every text. */
const where = ["", "The data is in the embedded database.", "Query it:", "  mongosh …"];

function connector(some: Partial<ConnectorReport>): ConnectorReport {
  return { name: "x", status: "ok", requests: 0, retries: 0, throttled: 0, seconds: 0, steps: [], ...some };
}

function report(...connectors: ConnectorReport[]): RunReport {
  return { runId: "1", status: "ok", store: { kind: "embedded", db: "cti" }, connectors };
}

test("a run for a sample says so", () => {
  const text = renderRun(report(connector({ sample: "one object of each collection" })), options);
  expect(text).toContain(
    "✔ x: ok (0 requests, 0 retries, 0 × 429, 0:00)\n  A sample: one object of each collection\n",
  );
});

test("a table with one row per step, and one line per connector", () => {
  const at = (second: number) => new Date(1_000_000 + second * 1000);
  const progress: RunProgress = {
    connectors: [
      {
        name: "mitre-taxii",
        status: "ok",
        steps: [{ name: "objects", status: "done", startedAt: at(0), finishedAt: at(71) }],
      },
    ],
  };
  const mitre = connector({
    name: "mitre-taxii",
    requests: 17,
    retries: 1,
    seconds: 83.4,
    steps: [
      { name: "collections", ...counts({ extracted: 3, inserted: 3 }) },
      {
        name: "objects",
        ...counts({
          extracted: 24_772,
          inserted: 10_000,
          updated: 7,
          unchanged: 14_765,
          superseded: 2,
          withdrawn: 1,
          rejected: 5,
        }),
      },
    ],
  });
  const end = [
    "",
    "✔ mitre-taxii: ok (17 requests, 1 retry, 0 × 429, 1:23)",
    "",
    "5 records were rejected: cti rejected shows why.",
    ...where.slice(1),
  ];
  const show = (width: number) => renderRun(report(mitre), { ...options, progress, width }).split("\n");
  expect(show(112)).toEqual([
    "connector    step         extracted  inserted  updated  unchanged  superseded  withdrawn  rejected  time",
    "mitre-taxii  collections          3         3        0          0           0          0         0     –",
    "             objects         24,772    10,000        7     14,765           2          1         5  1:11",
    ...end,
  ]);
  expect(show(95)).toEqual([
    "step           extracted  inserted  updated  unchanged  superseded  withdrawn  rejected  time",
    "mitre-taxii",
    "  collections          3         3        0          0           0          0         0     –",
    "  objects         24,772    10,000        7     14,765           2          1         5  1:11",
    ...end,
  ]);
  expect(show(60)).toEqual([
    "mitre-taxii",
    "  collections  –",
    "    3 extracted, 3 inserted",
    "  objects  1:11",
    "    24,772 extracted, 10,000 inserted, 7 updated,",
    "    14,765 unchanged, 2 superseded, 1 withdrawn, 5 rejected",
    ...end,
  ]);
});

test("the table fits 80 columns, however large the numbers are", () => {
  const huge = counts({
    ...{ extracted: 1_234_567, inserted: 1_234_567, updated: 1_234_567, unchanged: 1_234_567 },
    ...{ superseded: 12_345, withdrawn: 3, rejected: 1_234_567 },
  });
  const steps = [
    { ...huge, name: "vulnerabilities" },
    { ...counts({ extracted: 1_234_567, inserted: 1_222_222 }), name: "iocs" },
  ];
  for (const shown of [steps, steps.slice(0, 1), steps.slice(1)]) {
    for (const width of [80, 60, 40]) {
      const text = renderRun(report(connector({ name: "mitre-taxii", steps: shown })), { ...options, width });
      const table = text.slice(0, text.indexOf("\n\n")).split("\n");
      expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(width);
      expect(table.join("\n")).toContain("1,234,567");
    }
  }
});

test("counts that are zero everywhere have no column", () => {
  const steps = [{ ...counts({ extracted: 5, unchanged: 5 }), name: "iocs" }];
  expect(
    renderRun(report(connector({ name: "threatfox", steps })), options)
      .split("\n")
      .slice(0, 2),
  ).toEqual(["connector  step  extracted  unchanged  time", "threatfox  iocs          5          5     –"]);
});

test("shows why a connector failed or was skipped, and what became of one that was interrupted", () => {
  const text = renderRun(
    report(
      connector({
        name: "a",
        status: "failed",
        reason: "the connection was refused",
        requests: 5,
        retries: 4,
      }),
      connector({ name: "b", status: "skipped", reason: "set THREATFOX_API_KEY" }),
      connector({ name: "c", status: "interrupted", requests: 1, throttled: 2, seconds: 4 }),
      connector({ name: "d", status: "interrupted", steps: [{ ...counts({ extracted: 1 }), name: "s" }] }),
    ),
    options,
  );
  expect(text.split("\n").slice(3)).toEqual([
    "✖ a: failed (5 requests, 4 retries, 0 × 429, 0:00)",
    "  the connection was refused",
    "– b: skipped: set THREATFOX_API_KEY",
    "■ c: interrupted (1 request, 0 retries, 2 × 429, 0:04)",
    "  Nothing was loaded before that.",
    "■ d: interrupted (0 requests, 0 retries, 0 × 429, 0:00)",
    "  Progress is saved: the next run resumes from here.",
    ...where,
  ]);
});

test("a dry run says that nothing was written, and not where data is", () => {
  const text = renderRun(report(connector({})), { ...options, dryRun: true });
  expect(text).toMatch(/^Dry run: nothing was written/);
  expect(text).not.toMatch(/The data is|Query it|Nothing was loaded/);
});

test("a run that has loaded nothing does not say where its data is", () => {
  const failed = connector({ status: "failed", reason: "refused" });
  const text = renderRun(report(failed, connector({ name: "links" })), options);
  expect(text).toMatch(/\n\nNothing was loaded into the embedded database\.$/);
  expect(text).not.toContain("Query it");
});

test("what a step says of the stored documents stands below its connector", () => {
  const objects = {
    name: "objects",
    ...counts({ extracted: 3, inserted: 3 }),
    facts: { revoked: 1, deprecated: 1_200 },
  };
  const text = renderRun(report(connector({ name: "mitre-taxii", steps: [objects] })), options);
  expect(text).toMatch(/mitre-taxii: ok .*\n {2}objects listed now: 1 revoked, 1,200 deprecated\n/);
});

test("names what a step could not load", () => {
  const steps = [{ name: "releases", ...counts({}), missing: ["attack-11.0-beta", "attack-\u001b[31m9.0"] }];
  expect(renderRun(report(connector({ steps })), options)).toContain(
    "  releases: not loaded: attack-11.0-beta, attack- [31m9.0. The next run tries again",
  );
});

test("a demo shows what it loaded, and says what comes next", () => {
  const next = { settingsFile: "/home/me/.env", nextCommand: "cti run iocs" };
  const shown = (missing: readonly string[]) =>
    renderRun(report(connector({ requests: 1 })), {
      ...options,
      demo: { answers: "Technique T1059", missing, ...next },
    }).split("\n");
  const data = [
    "✔ x: ok (1 request, 0 retries, 0 × 429, 0:00)",
    "",
    "Technique T1059",
    ...where.slice(1),
    "",
  ];
  expect(shown([])).toEqual([...data, "Next, load the real data:", "  cti run iocs"]);
  expect(shown(["iocs: IOC_KEY is not set", "acme: ACME_URL is not set"])).toEqual([
    ...data,
    "Next, load the real data:",
    "  1. Set in /home/me/.env:",
    "     iocs: IOC_KEY is not set",
    "     acme: ACME_URL is not set",
    "  2. cti run iocs",
  ]);
});
