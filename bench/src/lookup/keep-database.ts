import { createHash } from "node:crypto";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { configureConnector, parseConfig } from "@cti-connectors/core/host";
import { recordAt } from "../iocs/generate-export.js";
import { type Contents, fillDatabase, loaded } from "./fill-database.js";

const sampledRecords = 1_000;

/**
 * A database with these contents, in the folder for temporary files: it takes minutes to fill, and stays there for the next time. It is filled anew where
 * the records, the releases of ATT&CK, the shape of what is stored or its indexes are others.
 *
 * @returns its folder
 */
export async function keepDatabase(contents: Contents): Promise<string> {
  const folder = join(tmpdir(), `cti-bench-lookup-${contents.records}`);
  const [database, fingerprintFile] = [join(folder, "database"), join(folder, "contents.json")];
  const fingerprint = await fingerprintOf(contents);
  const stored = await readFile(fingerprintFile, "utf8").catch(() => "");
  if (stored === fingerprint) {
    console.error(`The database is that of an earlier time, in ${folder}.`);
  } else {
    console.error(
      `Filling a database, which stays in ${folder}: remove the folder when you do not need it any more.`,
    );
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    await fillDatabase(database, contents);
    await writeFile(fingerprintFile, fingerprint);
  }
  return database;
}

async function fingerprintOf({ records, attackFiles }: Contents): Promise<string> {
  const files = attackFiles.map(async (file) => [basename(file), (await stat(file)).size]);
  const contents = JSON.stringify({
    records,
    sample: Array.from({ length: Math.min(records, sampledRecords) }, (_, index) => recordAt(index)),
    files: await Promise.all(files),
    shapes: loaded.map((connector) =>
      configureConnector(connector, parseConfig(connector.config, {})).steps.map(
        ({ collection, restore }) => ({ collection, version: restore?.version }),
      ),
    ),
  });
  return createHash("sha256").update(contents).digest("hex");
}
