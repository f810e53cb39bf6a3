import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BenchOptions } from "../bench-options.js";
import { recordAt } from "../iocs/generate-export.js";
import { findReleases } from "../requests/find-releases.js";
import { formatBatch, formatTerms } from "./format-lookup.js";
import { keepDatabase } from "./keep-database.js";
import { type BatchOfWay, measureBatch } from "./measure-batch.js";
import { type LookupOfTerm, measureTerms } from "./measure-terms.js";
import { generateValues, mixture } from "./mixed-values.js";

export interface LookupResult {
  readonly source: string;
  readonly records: number;
  readonly values: number;
  readonly mixture: string;
  readonly batch: readonly BatchOfWay[];
  readonly terms: readonly LookupOfTerm[];
}

const valuesInBatch = 10_000;
const start = fileURLToPath(new URL("../../../apps/runner/start.mjs", import.meta.url));

/** How long lookups take over generated IOCs in the embedded database: a batch beside one `find` at a time, and single terms. */
export async function measureLookup({ records, rounds, print }: BenchOptions): Promise<LookupResult> {
  const releases = await findReleases();
  const folder = await mkdtemp(join(tmpdir(), "bench-lookup-"));
  try {
    // Builds the command, which is measured as it is installed.
    await promisify(execFile)(process.execPath, [start, "--version"]);
    const attackFiles = [...releases.others, releases.newerIcs];
    const database = await keepDatabase({ records, attackFiles });
    const values = generateValues(valuesInBatch, records);
    const known = { form: "hash", text: recordAt(0).ioc_value } as const;
    const batch = await measureBatch(database, folder, { values, known, rounds });
    const title = `${valuesInBatch.toLocaleString("en")} values over ${records.toLocaleString("en")} IOCs`;
    print(`\n${title}\n${mixture}\n${formatBatch(batch, values.length)}`);
    const terms = await measureTerms(database, rounds);
    print(`\nSingle terms\n${formatTerms(terms)}`);
    return { source: releases.source, records, values: values.length, mixture, batch, terms };
  } finally {
    await releases.remove();
    await rm(folder, { recursive: true, force: true });
  }
}
