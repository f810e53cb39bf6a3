import { expect, test } from "vitest";
import { renderRejected, renderRetry } from "./render-rejected.js";

const now = new Date("2026-11-27T12:00:00Z");
const entry = {
  id: "0a1b",
  connector: "threatfox",
  step: "iocs",
  reason: "ioc must be a string",
  firstSeenAt: now,
  lastSeenAt: new Date("2026-11-27T10:00:00Z"),
  times: 3,
  excerpt: '{"id":"1"}',
  isWhole: true,
};

test("each record is listed with its reason, and what to do about them all", () => {
  expect(
    renderRejected({ total: 3, records: [entry, { ...entry, times: 1, isWhole: false }] }, "cti", now).split(
      "\n",
    ),
  ).toEqual([
    "3 records are in quarantine (etl_rejected), the latest first:",
    "",
    "threatfox iocs: 2 hours ago, 3 times, _id 0a1b",
    "  ioc must be a string",
    '  {"id":"1"}',
    "",
    "threatfox iocs: 2 hours ago, 1 time, _id 0a1b",
    "  ioc must be a string",
    '  {"id":"1"}',
    "  The record is too large to keep, so it cannot be tried again.",
    "",
    "1 more record: --limit 3 lists all.",
    "Try them again, for example after an upgrade: cti rejected --retry",
  ]);
  expect(renderRejected({ total: 0, records: [] }, "cti", now)).toBe("No record is in quarantine.");
});

test("what an upstream sent starts no line and steers no terminal", () => {
  const odd = { reason: "things/\u001b[2Ja\nb: refused", excerpt: '{"id":"\u202e\u009b31m"}' };
  const lines = renderRejected({ total: 1, records: [{ ...entry, ...odd }] }, "cti", now).split("\n");
  expect(lines.slice(3, 5)).toEqual(["  things/ [2Ja b: refused", '  {"id":" 31m"}']);
});

test("what became of records that were tried again", () => {
  const counts = { loaded: 2, outdated: 0, rejected: 0, notTried: 0 };
  expect(renderRetry([{ name: "a", status: "ok", ...counts }], "cti")).toBe("a: 2 loaded");
  expect(
    renderRetry(
      [
        { name: "a", status: "ok", ...counts, outdated: 1, rejected: 3, notTried: 4 },
        { name: "b", status: "failed", reason: "another run holds it", ...counts, loaded: 0 },
      ],
      "cti",
    ).split("\n"),
  ).toEqual([
    "a: 2 loaded, 1 dropped: newer data is stored, 3 rejected again, 4 not tried: the record was too large to keep, or its step no longer exists",
    "b: 0 loaded; failed: another run holds it",
    "See what is left and why: cti rejected",
  ]);
});
