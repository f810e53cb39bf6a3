import { expect, test } from "vitest";
import { findSettledTime } from "./find-settled-time.js";

const now = new Date("2026-11-28T12:00:00Z");
const started_at = new Date("2026-11-28T11:00:00Z");
const heartbeat_at = new Date("2026-11-28T11:59:45Z");
const run = { connectors: ["mitre-taxii", "threatfox"], started_at, heartbeat_at };

async function settledWith(...runs: readonly Readonly<Record<string, unknown>>[]): Promise<Date> {
  const store = {
    async *find() {
      yield* runs;
    },
    count: async () => 0,
    exists: async () => false,
  };
  return findSettledTime(store, "threatfox", now);
}

test("everything is settled while no run goes on, or only those of other connectors", async () => {
  expect(await settledWith()).toEqual(now);
  expect(await settledWith({ ...run, connectors: ["mitre-taxii"] })).toEqual(now);
});

test("what came since the start of a run that goes on is not, unless the run was killed", async () => {
  expect(await settledWith(run)).toEqual(started_at);
  expect(await settledWith(run, { ...run, started_at: new Date("2026-11-28T10:00:00Z") })).toEqual(
    new Date("2026-11-28T10:00:00Z"),
  );
  expect(await settledWith({ ...run, heartbeat_at: new Date("2026-11-28T11:50:00Z") })).toEqual(now);
});
