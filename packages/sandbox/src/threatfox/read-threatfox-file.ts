import { readFile } from "node:fs/promises";
import { z } from "zod";
import { type ThreatfoxRecord, threatfoxRecordSchema } from "./threatfox-record.js";

const fileSchema = z.union([
  z.array(threatfoxRecordSchema),
  z.object({ data: z.array(threatfoxRecordSchema) }).transform(({ data }) => data),
]);

/**
 * Reads a `get_iocs` answer, or a list of its records.
 *
 * @throws where the file is missing or holds neither; the message names the file
 */
export async function readThreatfoxFile(file: string): Promise<readonly ThreatfoxRecord[]> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot read the ThreatFox records of ${file}: ${reason}`, { cause: error });
  }
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Error(
    `${file} holds neither a get_iocs answer nor a list of its records:\n${z.prettifyError(parsed.error)}`,
  );
}
