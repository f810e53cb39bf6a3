import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { oddRecord } from "../output/odd-records.testing.js";
import { storeIoc, streamOf, textOf } from "../output/stored-ioc.testing.js";
import { writeStixBundle } from "./write-stix-bundle.js";

/** OASIS's validator, which brings the STIX 2.1 JSON schemas: `.ci/install-stix-validator.sh`. */
const validator = process.env.STIX2_VALIDATOR || undefined;
const name = `OASIS's STIX 2.1 validator${validator === undefined ? " (skipped: STIX2_VALIDATOR is not set)" : ""}`;

/**
 * Without the advice that ids be random (103) and URLs come with hashes (302): ours are the same in every export, and of web
 * pages.
 */
async function validate(bundle: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "threatfox-stix-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "bundle.json");
  writeFileSync(file, bundle);
  const args = ["--version", "2.1", "--strict", "--disable", "103,302", file];
  const run = promisify(execFile)(validator ?? "", args, { maxBuffer: 1 << 26 });
  return run.then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
}

const records = fc.sample(fc.uniqueArray(oddRecord, { minLength: 1_500, selector: ({ id }) => id.trim() }), {
  numRuns: 1,
  seed: 20_261_122,
})[0];
const iocs = (records ?? []).map((record) => storeIoc(record));

test.skipIf(validator === undefined)(
  `${name} takes the indicators of 1,500 odd records, patterns included`,
  async () => {
    const bundle = await textOf(writeStixBundle(streamOf(...iocs)));
    expect(bundle.match(/"type":"indicator"/gu)?.length).toBeGreaterThan(500);
    expect(await validate(bundle)).toContain("STIX JSON: Valid");
  },
  120_000,
);

test.skipIf(validator === undefined)(
  `${name} would find a fault`,
  async () => {
    const bundle = await textOf(writeStixBundle(streamOf(...iocs.slice(0, 20))));
    expect(await validate(bundle.replace("pattern_type", "pattern_tipe"))).toContain("STIX JSON: Invalid");
  },
  120_000,
);
