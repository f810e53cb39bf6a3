import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { strToU8, zipSync } from "fflate";
import { onTestFinished } from "vitest";

/** A record as the JSON export has it. */
export function exportedRecord(index: number) {
  return {
    ioc_value: `c${index}.example.com`,
    ioc_type: "domain",
    threat_type: "botnet_cc",
    malware: "win.cobalt_strike",
    malware_alias: "Agentemis,BEACON",
    malware_printable: "Cobalt Strike",
    first_seen_utc: "2026-01-02 03:04:05",
    last_seen_utc: null,
    confidence_level: 75,
    is_compromised: false,
    reference: null,
    tags: "CobaltStrike",
    anonymous: "0",
    reporter: "abuse_ch",
  };
}

/** The JSON export of so many records, with the ids 1, 2, … */
export function jsonExport(records: number): string {
  const entries = Array.from({ length: records }, (_, index) => [
    String(index + 1),
    [exportedRecord(index + 1)],
  ]);
  return JSON.stringify(Object.fromEntries(entries), undefined, 4).replaceAll("/", "\\/");
}

/** A zip archive of these files. */
export function zipOf(files: Readonly<Record<string, string>>, level: 0 | 6 = 6): Buffer {
  const contents = Object.entries(files).map(([name, content]) => [name, strToU8(content)] as const);
  return Buffer.from(zipSync(Object.fromEntries(contents), { level }));
}

/** The same with one file, stored, in the format for large archives (APPNOTE.TXT 6.3.10, sections 4.3.14, 4.3.15 and 4.5.3). */
export function zip64Of(name: string, content: string): Buffer {
  const data = Buffer.from(content);
  const inOtherPlace = 0xffffffff;
  const sizes = bytes(u64(data.length), u64(data.length));
  const shared = bytes(
    u16(45, 0, 0, 0, 0x21),
    u32(crc32(data), inOtherPlace, inOtherPlace),
    u16(name.length),
  );
  const local = bytes(u32(0x04034b50), shared, u16(20), Buffer.from(name), u16(1, 16), sizes, data);
  const entry = bytes(
    u32(0x02014b50),
    u16(45),
    shared,
    u16(28, 0, 0, 0),
    u32(0, inOtherPlace),
    Buffer.from(name),
    u16(1, 24),
    sizes,
    u64(0),
  );
  const directoryEnd = local.length + entry.length;
  return bytes(
    local,
    entry,
    bytes(
      u32(0x06064b50),
      u64(44),
      u16(45, 45),
      u32(0, 0),
      u64(1),
      u64(1),
      u64(entry.length),
      u64(local.length),
    ),
    bytes(u32(0x07064b50, 0), u64(directoryEnd), u32(1)),
    bytes(u32(0x06054b50), u16(0, 0, 0xffff, 0xffff), u32(inOtherPlace, inOtherPlace), u16(0)),
  );
}

function bytes(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts);
}

function u16(...values: readonly number[]): Buffer {
  return Buffer.from(Uint16Array.from(values).buffer);
}

function u32(...values: readonly number[]): Buffer {
  return Buffer.from(Uint32Array.from(values).buffer);
}

function u64(value: number): Buffer {
  return Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
}

/** The path of a file that is gone after the test. */
export function writeTemporary(content: string | Uint8Array, name = "export"): string {
  const folder = mkdtempSync(join(tmpdir(), "export-file-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}
