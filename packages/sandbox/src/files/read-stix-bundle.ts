import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type StixBundle, stixBundleSchema } from "../stix/stix-bundle.js";
import { describeSchemaFault } from "./describe-schema-fault.js";

const unzip = promisify(gunzip);

/**
 * Reads a STIX bundle from a `.json` or `.json.gz` file.
 *
 * @throws where the file is missing, unreadable, or holds no bundle; the message names the file
 */
export async function readStixBundle(file: string): Promise<StixBundle> {
  const text = await readText(file);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: expected a STIX 2.1 bundle`, { cause: error });
  }
  const parsed = stixBundleSchema.safeParse(json);
  if (!parsed.success) {
    throw new Error(`${file} is not a STIX 2.1 bundle:\n${describeSchemaFault(parsed.error)}`);
  }
  return parsed.data;
}

async function readText(file: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    return (file.endsWith(".gz") ? await unzip(bytes) : bytes).toString("utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`cannot read the STIX bundle ${file}: ${reason}`, { cause: error });
  }
}
