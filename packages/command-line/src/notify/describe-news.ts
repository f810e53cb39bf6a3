import { createHash } from "node:crypto";
import { oneLine } from "@cti-connectors/core";
import type { Outcomes } from "@cti-connectors/core/host";
import { formatAge, formatCount, formatNumber } from "../text/format.js";
import type { Message, ReleaseChanges } from "./notification.js";

/** What an upstream answered may stand in a reason. */
const longestReason = 1_000;
const longestNames = 1_000;

/** A connector has failed several times in a row. */
export function describeFailing(
  connector: string,
  { failures, failingSince }: Outcomes,
  { reason: given = "", command }: { readonly reason?: string | undefined; readonly command: string },
): Message {
  const since = (failingSince ?? new Date(0)).toISOString();
  const reason = oneLine(given, longestReason);
  return {
    ...opened("failing", connector, since),
    title: `${connector} failed ${failures === 1 ? "" : `${formatNumber(failures)} times in a row`}`.trim(),
    text: [reason, `Failing since ${shortTime(since)}. Details: ${command} status`].join("\n"),
    details: { since, failures, reason },
  };
}

/** @param since as `describeFailing` had it */
export function describeRecovered(connector: string, since: string): Message {
  return {
    ...resolved("failing", connector, since),
    title: `${connector} works again`,
    text: `It had been failing since ${shortTime(since)}.`,
    details: { since },
  };
}

/** Data is older than promised. */
export function describeStale(
  connector: string,
  lastSuccess: string,
  { maxAgeMs, now }: { readonly maxAgeMs: number; readonly now: Date },
): Message {
  return {
    ...opened("stale", connector, lastSuccess),
    title: `The data of ${connector} is older than MAX_DATA_AGE`,
    text: `It was last loaded ${formatAge(new Date(lastSuccess), now)}, at ${shortTime(lastSuccess)}.`,
    details: { lastSuccess, maxAgeSeconds: maxAgeMs / 1000 },
  };
}

export function describeFresh(connector: string, lastSuccess: string, maxAgeMs: number): Message {
  return {
    ...resolved("stale", connector, lastSuccess),
    title: `The data of ${connector} is up to date again`,
    text: `It had last been loaded at ${shortTime(lastSuccess)}.`,
    details: { lastSuccess, maxAgeSeconds: maxAgeMs / 1000 },
  };
}

/** Records may be missing for good. */
export function describeGap(connector: string, range: string): Message {
  const { from, to } = parseRange(range);
  return {
    ...opened("gap", connector, range),
    title: `${connector} could not fill a gap`,
    text: `Records first published from ${shortTime(from)} to ${shortTime(to)} may be missing. The next run tries again.`,
    details: { from, to },
  };
}

export function describeFilled(connector: string, range: string): Message {
  const { from, to } = parseRange(range);
  return {
    ...resolved("gap", connector, range),
    title: `${connector} filled a gap`,
    text: `Records first published from ${shortTime(from)} to ${shortTime(to)} are no longer missing.`,
    details: { from, to },
  };
}

/** @param names of what could not be loaded, separated by line breaks */
export function describeMissing(connector: string, names: string): Message {
  const list = names.split("\n");
  return {
    ...opened("missing", connector, names),
    severity: "warning",
    title: `${connector} could not load everything`,
    text: `Missing: ${oneLine(list.join(", "), longestNames)}. The next run tries again.`,
    details: { names: list.map((name) => oneLine(name, longestNames)) },
  };
}

export function describeComplete(connector: string, names: string): Message {
  const list = names.split("\n");
  return {
    ...resolved("missing", connector, names),
    title: `${connector} loaded what was missing`,
    text: `No longer missing: ${oneLine(list.join(", "), longestNames)}.`,
    details: { names: list.map((name) => oneLine(name, longestNames)) },
  };
}

/** @param changes at least one */
export function describeRelease(
  connector: string,
  changes: readonly ReleaseChanges[],
  command: string,
): Message {
  const versions = [...new Set(changes.map(({ to }) => to))].join(", ");
  const id = changes.map(({ name, to }) => `${name} ${to}`).join(", ");
  return {
    ...opened("release", connector, id),
    severity: "info",
    title: `${connector} loaded release ${oneLine(versions, 80)}`,
    text: [...changes.map(describeChanges), `All changes: ${command} changes`].join("\n"),
    details: { changes },
  };
}

/** A scheduled process cannot open the database. */
export function describeDatabaseDown(since: string, failures: number, reason: string): Message {
  return {
    ...opened("database", null, since),
    title: `The database could not be opened ${formatCount(failures, "time")} in a row`,
    text: `${oneLine(reason, longestReason)}\nNothing has been loaded since ${shortTime(since)}.`,
    details: { since, failures, reason: oneLine(reason, longestReason) },
  };
}

export function describeDatabaseUp(since: string): Message {
  return {
    ...resolved("database", null, since),
    title: "The database can be opened again",
    text: `Nothing had been loaded since ${shortTime(since)}.`,
    details: { since },
  };
}

export function describeTest(now: Date): Message {
  return {
    ...opened("test", null, now.toISOString()),
    severity: "info",
    title: "Test notification from cti-connectors",
    text: "Notifications arrive here.",
    details: {},
  };
}

function describeChanges({ name, from, to, counts }: ReleaseChanges): string {
  const figures = Object.entries(counts ?? {}).map(([what, count]) => `${formatNumber(count)} ${what}`);
  const changed = figures.length === 0 ? "the changes are not known" : figures.join(", ");
  return `${oneLine(name, 100)}: ${oneLine(from, 40)} to ${oneLine(to, 40)}: ${changed}`;
}

function opened(event: Message["event"], connector: string | null, episode: string) {
  return { ...headOf(event, connector, episode, "open"), resolved: false, severity: "error" as const };
}

function resolved(event: Message["event"], connector: string | null, episode: string) {
  return { ...headOf(event, connector, episode, "resolved"), resolved: true, severity: "info" as const };
}

function headOf(event: Message["event"], connector: string | null, episode: string, state: string) {
  const hash = createHash("sha256").update(episode).digest("hex").slice(0, 16);
  return { id: [event, connector ?? "program", hash, state].join("/"), event, connector };
}

function parseRange(range: string): { readonly from: string; readonly to: string } {
  const [from = "", to = ""] = range.split("/");
  return { from, to };
}

/** `2026-11-28 03:00 UTC`. */
function shortTime(time: string): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime())
    ? oneLine(time, 40)
    : `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
