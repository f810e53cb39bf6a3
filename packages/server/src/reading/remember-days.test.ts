import type { StoreReader } from "@cti-connectors/core";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { rememberDays, StillCountingError } from "./remember-days.js";

const now = new Date("2026-11-28T12:00:00Z");
const span = { since: new Date("2026-11-25T00:00:00Z"), until: now };
const day = (date: string) => Date.parse(date) / 86_400_000;

const ranges = z.record(
  z.string(),
  z.object({ $gte: z.date(), $lte: z.date().default(new Date("2100-01-01")) }),
);

/** A reader of IOCs that counts how often each day is read, and of one run that has ended. */
function openIocs() {
  const iocs = [
    { first_seen: new Date("2026-11-25T10:00:00Z"), malware: "win.a", ingested_at: new Date("2026-11-25") },
    { first_seen: new Date("2026-11-26T10:00:00Z"), malware: "win.a", ingested_at: new Date("2026-11-26") },
    { first_seen: new Date("2026-11-26T11:00:00Z"), malware: "win.a", ingested_at: new Date("2026-11-26") },
  ];
  const state = { run: "1", isRunning: false, reads: [] as string[] };
  const reader: StoreReader = {
    async *find(collection, filter) {
      if (collection === "etl_runs") {
        yield { _id: state.run, finished_at: now };
        return;
      }
      const [[field, { $gte, $lte }] = expect.fail("no filter")] = Object.entries(ranges.parse(filter));
      state.reads.push(`${field.replace("enriched.", "")} ${$gte.toISOString().slice(0, 10)}`);
      for (const { ingested_at, ...ioc } of iocs) {
        const value = field === "ingested_at" ? ingested_at : ioc.first_seen;
        if (value >= $gte && value <= $lte) {
          yield { ingested_at, enriched: { ...ioc, malware_name: "A", indicator: { type: "url" } } };
        }
      }
    },
    count: async () => 0,
    exists: async () => state.isRunning,
  };
  return { iocs, state, reader };
}

test("a day is counted once, until a run has stored or changed one of its IOCs", async () => {
  const { iocs, state, reader } = openIocs();
  let at = now;
  const days = rememberDays({ store: reader, iocs: "threatfox_raw", now: () => at });
  const totalOf = async (date: string) =>
    (await (await days.prepare(span))(day(date))).reduce((sum, { count }) => sum + count, 0);
  expect(await totalOf("2026-11-26")).toBe(2);
  expect(await totalOf("2026-11-25")).toBe(1);
  expect(state.reads).toEqual(["first_seen 2026-11-25"]);
  const longer = { since: new Date("2026-11-17T00:00:00Z"), until: now };
  state.reads = [];
  await days.prepare(longer);
  expect(state.reads).toEqual(["first_seen 2026-11-20", "first_seen 2026-11-17"]);
  state.reads = [];

  iocs.push({ first_seen: new Date("2026-11-26T12:00:00Z"), malware: "win.b", ingested_at: now });
  state.isRunning = true;
  expect(await totalOf("2026-11-26")).toBe(2);
  Object.assign(state, { run: "2", isRunning: false, reads: [] });
  expect(await totalOf("2026-11-26")).toBe(3);
  expect(state.reads).toEqual(["ingested_at 2026-11-28", "first_seen 2026-11-26"]);

  at = new Date(now.getTime() + 86_400_001);
  state.reads = [];
  expect(await totalOf("2026-11-25")).toBe(1);
  expect(state.reads).toEqual(["first_seen 2026-11-25"]);
});

test("prepare gives up after patienceMs, and counting continues in the background", async () => {
  const { reader } = openIocs();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow: StoreReader = {
    ...reader,
    async *find(...question) {
      if (question[0] !== "etl_runs") {
        await held;
      }
      yield* reader.find(...question);
    },
  };
  const days = rememberDays({ store: slow, iocs: "threatfox_raw", now: () => now, patienceMs: 1 });
  await expect(days.prepare(span)).rejects.toThrow(StillCountingError);
  release();
  await vi.waitFor(async () => {
    expect(await (await days.prepare(span))(day("2026-11-25"))).toMatchObject([
      { malware: "win.a", count: 1 },
    ]);
  });
});
