import type { Status } from "@cti-connectors/core/host";
import { expect, test } from "vitest";
import type { Health } from "../health/judge-health.js";
import { counts } from "../testing/counts.js";
import { type RenderStatusOptions, renderStatus } from "./render-status.js";

const now = new Date("2026-11-01T12:00:00Z");
const healthy: Health = { isHealthy: true, connectors: [] };
const options: RenderStatusOptions = {
  ...{ place: "embedded database", look: ["mongosh …"], command: "cti", now },
  ...{ health: healthy, maxAgeMs: undefined, width: 80 },
};
const others = { connectors: [], collections: [] };
const store = { kind: "embedded", db: "cti", host: "127.0.0.1:1" } as const;

test("an empty database says what to run first", () => {
  const empty: Status = {
    store,
    connectors: [{ name: "threatfox", runs: [], rejected: 0 }],
    collections: [{ name: "objects", documents: 0, current: 0 }],
    others,
    rejected: 0,
  };
  expect(renderStatus(empty, options).split("\n")).toEqual([
    "The embedded database is empty.",
    "Load data: cti",
    "Or try it with sample data: cti --demo",
  ]);
});

test("shows what is stored, how old it is, how runs went, and what is left of the budget", () => {
  const report = {
    name: "mitre-taxii",
    status: "ok",
    requests: 17,
    retries: 0,
    throttled: 0,
    seconds: 75,
    steps: [
      { name: "manifest", ...counts({ inserted: 1_000, superseded: 1 }) },
      { name: "objects", ...counts({ inserted: 500, updated: 4, withdrawn: 2 }) },
    ],
  } as const;
  const status: Status = {
    store,
    connectors: [
      {
        name: "mitre-taxii",
        lastOkAt: new Date("2026-11-01T09:01:15Z"),
        rejected: 1,
        budget: { key: "attack-taxii.mitre.org", quota: { requests: 50, windowMs: 600_000 }, left: 33 },
        runs: [
          {
            runId: "b",
            status: "failed",
            reason: "the connection was refused",
            startedAt: new Date("2026-11-01T11:30:00Z"),
          },
          { runId: "a", status: "ok", startedAt: new Date("2026-11-01T09:00:00Z"), report },
        ],
      },
      { name: "threatfox", rejected: 0, runs: [] },
    ],
    collections: [
      { name: "objects", documents: 24_772, current: 24_770, newestAt: new Date("2026-10-30T12:00:00Z") },
      { name: "threatfox_raw", documents: 0, current: 0 },
    ],
    others,
    rejected: 1,
  };
  expect(renderStatus(status, options).split("\n")).toEqual([
    "The embedded database",
    "",
    "collection     documents  listed now  last change",
    "objects           24,772      24,770  2 days ago",
    "threatfox_raw          0           0  –",
    "",
    "mitre-taxii: loaded 2 hours ago",
    "  33 of 50 requests left (per 10 min, attack-taxii.mitre.org)",
    "  2026-11-01 11:30:00 UTC (30 minutes ago): failed",
    "    the connection was refused",
    "  2026-11-01 09:00:00 UTC (3 hours ago): ok",
    "    1,500 inserted, 4 updated, 3 removed, 17 requests, 1:15",
    "",
    "threatfox: never loaded",
    "",
    "1 record is in quarantine: cti rejected shows why, and --retry tries again.",
    "Query the data:",
    "  mongosh …",
  ]);
});

test("shows how far a run is, and what it waits for", () => {
  const startedAt = new Date("2026-11-01T11:30:00Z");
  const reached = { connector: "mitre-taxii", step: "releases" };
  const waiting = { reason: "budget", until: new Date("2026-11-01T12:05:00Z") } as const;
  const runs = [
    { ...reached, counts: { ...counts({}), extracted: 40_000 }, total: 90_000, waiting },
    { ...reached, counts: { ...counts({}), extracted: 7 }, bytes: { read: 199, total: 300 } },
    reached,
  ].map((progress, index) => ({ runId: `${index}`, status: "running" as const, startedAt, progress }));
  const status: Status = {
    store,
    connectors: [{ name: "mitre-taxii", rejected: 0, runs }],
    collections: [],
    others,
    rejected: 0,
  };
  const running = "  2026-11-01 11:30:00 UTC (30 minutes ago): running";
  expect(renderStatus(status, options)).toContain(
    [
      running,
      "    step releases: 40,000 of 90,000 records",
      "    waits for the request budget until 2026-11-01 12:05:00 UTC",
      running,
      "    step releases: 7 records (66 % of the file)",
      running,
      "    step releases",
    ].join("\n"),
  );
});

test("names what is out of date, and what to do", () => {
  const status: Status = {
    store,
    connectors: [{ name: "kev", runs: [], rejected: 0 }],
    collections: [{ name: "kev", documents: 1, current: 1, newestAt: now }],
    others,
    rejected: 0,
  };
  const health: Health = {
    isHealthy: false,
    connectors: [
      { name: "mitre-taxii", state: "stale", ageMs: 27 * 3_600_000 },
      { name: "threatfox", state: "skipped" },
      { name: "kev", state: "never" },
    ],
  };
  const text = renderStatus(status, { ...options, health, maxAgeMs: 26 * 3_600_000 });
  expect(text.split("\n").slice(-5)).toEqual([
    "",
    "✖ mitre-taxii: its data is 1 d 3 h old, and may be 1 d 2 h old at most",
    "  Load it: cti run mitre-taxii",
    "✖ kev: no complete load yet",
    "  Load it: cti run kev",
  ]);
});

test("the status lists data of connectors that the program does not have, and does not call its database empty", () => {
  const status: Status = {
    store,
    connectors: [{ name: "threatfox", runs: [], rejected: 0 }],
    collections: [{ name: "threatfox_raw", documents: 0, current: 0 }],
    others: {
      connectors: ["acme-feed"],
      collections: [
        { name: "advisories", documents: 1_400 },
        { name: "notes", documents: 1 },
      ],
    },
    rejected: 0,
  };
  expect(renderStatus(status, options).split("\n")).toEqual([
    "The embedded database",
    "",
    "collection     documents  listed now  last change",
    "threatfox_raw          0           0  –",
    "",
    "threatfox: never loaded",
    "",
    "Other collections: advisories (1,400 documents), notes (1 document)",
    "Other connectors that have run with this database: acme-feed",
    "",
    "No record is in quarantine.",
    "Query the data:",
    "  mongosh …",
  ]);
  for (const more of [
    { ...status.others, collections: [] },
    { ...status.others, connectors: [] },
  ]) {
    expect(renderStatus({ ...status, others: more }, options)).not.toContain("is empty");
  }
});
