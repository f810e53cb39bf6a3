import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  configureConnector,
  createLogger,
  openStore,
  parseConfig,
  runConnectors,
} from "@cti-connectors/core/host";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { startSandbox } from "@cti-connectors/sandbox";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { threatfoxConfig } from "../../src/config/threatfox-config.js";
import { readIocs } from "../../src/output/read-iocs.js";
import { writeStixBundle, writeStixBundles } from "../../src/stix/write-stix-bundle.js";
import { oddRecord } from "../../src/testing/odd-records.js";
import { stixBundle } from "../../src/testing/stix-bundle.js";
import { storeIoc, streamOf, textOf } from "../../src/testing/stored-ioc.js";
import { threatfox } from "../../src/threatfox.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

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

const records = fc.sample(fc.uniqueArray(oddRecord, { minLength: 500, selector: ({ id }) => id.trim() }), {
  numRuns: 1,
  seed: 20_261_122,
})[0];
const iocs = (records ?? []).map((record) => storeIoc(record));

test.skipIf(validator === undefined)(
  `${name} takes the indicators of 500 odd records, patterns included`,
  async () => {
    const bundle = await textOf(writeStixBundle(streamOf(...iocs)));
    expect(bundle.match(/"type":"indicator"/gu)?.length).toBeGreaterThan(200);
    expect(await validate(bundle)).toContain("STIX JSON: Valid");
  },
);

test.skipIf(validator === undefined)(`${name} takes split bundles with simple patterns`, async () => {
  const bundles: string[] = [];
  for await (const text of writeStixBundles(streamOf(...iocs), { size: 200, pattern: "simple" })) {
    bundles.push(await textOf(text));
  }
  expect(bundles.length).toBeGreaterThan(1);
  expect(bundles.join("")).toContain("[ipv4-addr:value = ");
  expect(bundles.join("")).not.toContain("network-traffic");
  for (const bundle of bundles) {
    expect(await validate(bundle)).toContain("STIX JSON: Valid");
  }
});

test.skipIf(validator === undefined)(`${name} would find a fault`, async () => {
  const bundle = await textOf(writeStixBundle(streamOf(...iocs.slice(0, 20))));
  expect(await validate(bundle.replace("pattern_type", "pattern_tipe"))).toContain("STIX JSON: Invalid");
});

const realRecords = realData("threatfox/get_iocs.json");

/** What a run loads from the sandbox, as a bundle, and how many IOCs that are. */
async function bundleOfRun(threatfoxFile: string | undefined) {
  const sandbox = await startSandbox({ ...(threatfoxFile !== undefined && { threatfoxFile }) });
  onTestFinished(() => sandbox.close());
  const server = await startEmbeddedMongo();
  onTestFinished(() => server.close());
  const store = await openStore({ uri: server.uri, db: `bundle_${randomUUID()}`, kind: "embedded" });
  onTestFinished(() => store.close());
  const config = parseConfig(threatfoxConfig, {
    API_URL: sandbox.threatfoxUrl,
    THREATFOX_API_KEY: sandbox.authKey,
    QUERY_DAYS: "7",
  });
  const { status } = await runConnectors({
    connectors: [configureConnector(threatfox, config)],
    store,
    log: createLogger({ level: "error", format: "text" }),
  });
  expect(status).toBe("ok");
  const collection = config.COLLECTION_NAME;
  let leftOut = 0;
  const bundle = await textOf(
    writeStixBundle(readIocs({ reader: store.reader, collection }), {
      onLeftOut() {
        leftOut += 1;
      },
    }),
  );
  return { bundle, iocs: (await store.reader.count(collection, {})) - leftOut };
}

describe.each([
  ["the built-in records", undefined, true],
  [nameRealData("the real records", realRecords), realRecords, hasRealData(realRecords)],
] as const)("%s, loaded", (_data, file, isThere) => {
  test.skipIf(!isThere)(`are a bundle as the specification wants it, says ${name}, too`, async () => {
    const { bundle, iocs } = await bundleOfRun(file);
    const { objects } = stixBundle.parse(JSON.parse(bundle));
    expect(iocs).toBeGreaterThan(10);
    expect(objects.filter(({ type }) => type === "indicator")).toHaveLength(iocs);
    if (validator !== undefined) {
      expect(await validate(bundle)).toContain("STIX JSON: Valid");
    }
  });
});
