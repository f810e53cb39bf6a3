import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { familyAt } from "./families.js";
import { hexadecimal, scatter } from "./scatter.js";

const reporters = ["abuse_ch", "anonymous", "hunter", "juroots", "NDA0E"] as const;
/** Where hosters have many addresses, so that networks hold many IOCs, too. */
const firstBytes = [
  5, 23, 31, 37, 45, 46, 47, 51, 62, 77, 79, 80, 81, 82, 89, 91, 94, 103, 104, 107, 109, 116, 138, 141, 146,
  154, 162, 172, 185, 192, 193, 194,
] as const;
/** A host that many URLs are on. */
export const sharedHost = "files.example.org";
const kinds = ["ip:port", "ip:port", "domain", "url", "sha256_hash", "md5_hash"] as const;
export type IocKind = (typeof kinds)[number];
/** One every ten seconds: 1,500,000 of them cover six months, as ThreatFox's full export does. */
const secondsApart = 10;
const firstSeenMs = Date.UTC(2026, 4, 1);

/** Writes records in the shape of ThreatFox's full JSON export, gzipped; the same ones on each call. */
export async function generateExport(file: string, records: number): Promise<void> {
  await pipeline(
    Readable.from(writeRecords(records), { objectMode: false }),
    createGzip({ level: 1 }),
    createWriteStream(file),
  );
}

function* writeRecords(count: number): Generator<string> {
  for (let index = 0; index < count; index += 1) {
    const list = JSON.stringify([recordAt(index)], undefined, 4).replaceAll("/", "\\/");
    yield `${index === 0 ? "{" : ","}\n    "${1_000_000 + index}": ${list.replaceAll("\n", "\n    ")}`;
  }
  yield "\n}\n";
}

/** One record, from 0; the same one on each call. */
export function recordAt(index: number) {
  const number = scatter(index);
  const kind = kinds[number % kinds.length] ?? "domain";
  const { key: malware, name: malware_printable, aliases: malware_alias } = familyAt(number >>> 8);
  const reporter = reporters[(number >>> 4) % reporters.length] ?? "abuse_ch";
  const isSample = kind.endsWith("_hash");
  const firstSeen = firstSeenMs + index * secondsApart * 1_000;
  return {
    ioc_value: indicatorOf(kind, index, number),
    ioc_type: kind,
    threat_type: isSample ? "payload" : number % 5 === 0 ? "payload_delivery" : "botnet_cc",
    malware,
    malware_alias,
    malware_printable,
    first_seen_utc: formatDate(firstSeen),
    last_seen_utc: number % 3 === 0 ? formatDate(firstSeen + (number % 1_000_000) * 1_000) : null,
    confidence_level: 25 * (1 + (number % 4)),
    is_compromised: number % 11 === 0,
    reference: number % 4 === 0 ? `https://bazaar.abuse.ch/sample/${hexadecimal(number, 64)}/` : null,
    tags: number % 6 === 0 ? null : [malware_printable, `AS${1_000 + (number % 60_000)}`, "c2"].join(","),
    anonymous: reporter === "anonymous" ? "1" : "0",
    reporter,
  };
}

function indicatorOf(kind: IocKind, index: number, number: number): string {
  switch (kind) {
    case "ip:port": {
      const third = number % 8 === 0 ? 0 : (number >>> 8) & 255;
      const address = [
        firstBytes[(number >>> 24) % firstBytes.length],
        (number >>> 16) & 255,
        third,
        number & 255,
      ];
      return `${address.join(".")}:${1 + (index % 65_535)}`;
    }
    case "domain":
      return `c2-${number.toString(36)}.example-${index % 997}.com`;
    case "url":
      return `https://${index % 25 === 0 ? sharedHost : `host-${index % 5_000}.example.net`}/${hexadecimal(number, 12)}/gate.php?id=${index}`;
    case "sha256_hash":
      return hexadecimal(number, 64);
    case "md5_hash":
      return hexadecimal(number, 32);
  }
}

function formatDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ");
}
