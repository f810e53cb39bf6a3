import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { ServedFile } from "../http/serve-file.js";
import { newestFirstSeen, type ThreatfoxFeed } from "./threatfox-feed.js";
import { lastSeenAt, type ThreatfoxRecord } from "./threatfox-record.js";
import { writeCsvExport, writeJsonExport } from "./write-exports.js";
import { zipText } from "./zip-text.js";

export const exportNames = ["full.json.zip", "full.csv.zip", "recent.json", "recent.csv"] as const;
export type ExportName = (typeof exportNames)[number];

const recentMs = 48 * 3_600_000;

/**
 * The exports of a feed. Each is made when it is first asked for, and anew once the feed is another; the same
 * records give the same bytes.
 */
export function openExports(feed: ThreatfoxFeed): (name: ExportName) => Promise<ServedFile> {
  const made = new Map<ExportName, { readonly state: string; readonly file: Promise<ServedFile> }>();
  return (name) => {
    const records = name.startsWith("recent") ? recentOf(feed) : undefined;
    // The recent exports depend on the time beyond the state of the feed.
    const state = `${feed.state}/${records?.map(({ id }) => id).join() ?? ""}`;
    const kept = made.get(name);
    if (kept?.state === state) {
      return kept.file;
    }
    const file = makeExport(name, records ?? feed.records, feed.now());
    made.set(name, { state, file });
    return file;
  };
}

/**
 * What was seen in the last 48 hours, first or again: in the real export of 2026-07-24 two thirds of the records were first seen earlier, and
 * the later of both dates lies in these hours in all of them.
 */
function recentOf(feed: ThreatfoxFeed): readonly ThreatfoxRecord[] {
  const since = feed.now() - recentMs;
  return feed.records.filter((record) => lastSeenAt(record) >= since);
}

async function makeExport(
  name: ExportName,
  records: readonly ThreatfoxRecord[],
  madeAt: number,
): Promise<ServedFile> {
  const { body, contentType } = await writeExport(name, records);
  const etag = `"${createHash("sha256").update(body).digest("hex").slice(0, 32)}"`;
  return { body, contentType, etag, lastModified: new Date(madeAt) };
}

async function writeExport(
  name: ExportName,
  records: readonly ThreatfoxRecord[],
): Promise<{ readonly body: Buffer; readonly contentType: string }> {
  const updatedAt = newestFirstSeen(records);
  switch (name) {
    case "full.json.zip":
      return {
        body: await zipText("full.json", writeJsonExport(records), updatedAt),
        contentType: "application/zip",
      };
    case "full.csv.zip": {
      const text = writeCsvExport(records, "additions - CSV format (full dump)", updatedAt);
      return { body: await zipText("full.csv", text, updatedAt), contentType: "application/zip" };
    }
    case "recent.json":
      return { body: await encode(writeJsonExport(records)), contentType: "application/json" };
    case "recent.csv": {
      const text = writeCsvExport(records, "recent additions - CSV format", updatedAt);
      return { body: await encode(text), contentType: "text/csv; charset=utf-8" };
    }
  }
}

function encode(text: Iterable<string>): Promise<Buffer> {
  return buffer(Readable.from(text, { objectMode: false }));
}
