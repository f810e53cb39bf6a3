import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

const families = [
  ["win.cobalt_strike", "Cobalt Strike", "Agentemis,BEACON,CobaltStrike,cobeacon"],
  ["win.asyncrat", "AsyncRAT", null],
  ["win.remcos", "Remcos", "RemcosRAT,Remvio,Socmer"],
  ["win.lumma", "Lumma Stealer", "LummaC2 Stealer"],
  ["elf.mirai", "Mirai", "Katana"],
  ["js.clearfake", "ClearFake", null],
  ["apk.hydra", "Hydra", null],
  ["unknown", "Unknown malware", null],
] as const;
const reporters = ["abuse_ch", "anonymous", "hunter", "juroots", "NDA0E"] as const;
const kinds = ["ip:port", "ip:port", "domain", "url", "sha256_hash", "md5_hash"] as const;
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

function recordAt(index: number) {
  const number = scatter(index);
  const kind = kinds[number % kinds.length] ?? "domain";
  const [malware, malware_printable, malware_alias] =
    families[(number >>> 8) % families.length] ?? families[0];
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

function indicatorOf(kind: (typeof kinds)[number], index: number, number: number): string {
  switch (kind) {
    case "ip:port": {
      const address = [number >>> 24 || 1, (number >>> 16) & 255, (number >>> 8) & 255, number & 255].join(
        ".",
      );
      return `${address}:${1 + (index % 65_535)}`;
    }
    case "domain":
      return `c2-${number.toString(36)}.example-${index % 997}.com`;
    case "url":
      return `https://host-${index % 5_000}.example.net/${hexadecimal(number, 12)}/gate.php?id=${index}`;
    case "sha256_hash":
      return hexadecimal(number, 64);
    case "md5_hash":
      return hexadecimal(number, 32);
  }
}

/** Every index has another number, in no visible order (the finalizer of MurmurHash3 is a bijection of 32 bits). */
function scatter(index: number): number {
  let number = index + 1;
  number = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  number = Math.imul(number ^ (number >>> 13), 0xc2b2ae35);
  return (number ^ (number >>> 16)) >>> 0;
}

/** `digits` of them, none of which repeats in a pattern. */
function hexadecimal(number: number, digits: number): string {
  let text = "";
  for (let part = number; text.length < digits; part = scatter(part)) {
    text += part.toString(16).padStart(8, "0");
  }
  return text.slice(0, digits);
}

function formatDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ");
}
