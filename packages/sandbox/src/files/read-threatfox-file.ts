import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import { z } from "zod";
import { exportRecordSchema, fromExportRecord } from "../threatfox/export-record.js";
import { type ThreatfoxRecord, threatfoxRecordSchema } from "../threatfox/threatfox-record.js";
import { describeSchemaFault } from "./describe-schema-fault.js";
import { parseCsvExport } from "./parse-csv-export.js";

const listSchema = z.array(threatfoxRecordSchema);
const answerSchema = z.object({ data: listSchema }).transform(({ data }) => data);
const jsonExportSchema = z
  .record(z.string().regex(/^\d+$/, "expected the id of an IOC"), z.array(exportRecordSchema))
  .refine((lists) => Object.keys(lists).length > 0, "it is empty")
  .transform((lists) =>
    Object.entries(lists)
      .flatMap(([id, records]) => records.map((record) => fromExportRecord(id, record)))
      // Newest first, as in the export: an object has numbers in ascending order.
      .reverse(),
  );

/**
 * Reads a `get_iocs` answer, a list of its records, or an export of ThreatFox's (JSON or CSV); plain, zipped or
 * gzipped.
 *
 * @throws where the file is missing or holds something else; the message names the file
 */
export async function readThreatfoxFile(file: string): Promise<readonly ThreatfoxRecord[]> {
  try {
    const text = unpackText(await readFile(file));
    return /^\s*#/.test(text) ? parseCsvExport(text) : parseRecords(parseJson(text));
  } catch (error) {
    throw new Error(`cannot read the ThreatFox records of ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * The text of a file: itself, or what a gzip file or a zip archive with one file holds.
 *
 * @throws where the archive is damaged, or holds no file or several
 */
function unpackText(bytes: Buffer): string {
  const signature = bytes.toString("latin1", 0, 2);
  if (signature === "\x1f\x8b") {
    return gunzipSync(bytes).toString("utf8");
  }
  if (signature !== "PK") {
    return bytes.toString("utf8");
  }
  const files = Object.entries(unzipSync(bytes)).filter(([name]) => !name.endsWith("/"));
  const [content] = files.map(([, file]) => Buffer.from(file));
  if (content === undefined || files.length > 1) {
    throw new Error(`the archive contains ${files.length} files: expected one`);
  }
  return content.toString("utf8");
}

/** What JSON.parse says may quote bytes that are no text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error("it is neither JSON nor a CSV export", { cause: error });
  }
}

/** @throws what the schema that fits best says */
function parseRecords(json: unknown): readonly ThreatfoxRecord[] {
  if (Array.isArray(json)) {
    return listSchema.parse(json);
  }
  const isAnswer = typeof json === "object" && json !== null && ("data" in json || "query_status" in json);
  return isAnswer ? answerSchema.parse(json) : jsonExportSchema.parse(json);
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    return `it is neither a get_iocs answer, nor a list of its records, nor an export\n${describeSchemaFault(error)}`;
  }
  return error instanceof Error ? error.message : String(error);
}
