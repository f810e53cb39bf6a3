import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRedactor } from "@cti-connectors/core/host";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { threatfox } from "@cti-connectors/threatfox";
import { expect, onTestFinished, test } from "vitest";
import { UsageError } from "../process/exit-status.js";
import { checkConnectorOptions, warnOfSecrets } from "./connector-options.js";
import { readSettings } from "./read-settings.js";

const all = [mitreTaxii, threatfox];

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "connector-options-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("an option that one of the connectors to run has is right, whatever the others have", () => {
  const asked = { values: { backfill: true, sample: true } as const, folder: "." };
  expect(() => checkConnectorOptions(asked, all, all)).not.toThrow();
});

test("an option that none of the connectors to run has is wrong usage, and says whose it is", () => {
  const asked = { values: { backfill: true } as const, folder: "." };
  const check = () => checkConnectorOptions(asked, [mitreTaxii], all);
  expect(check).toThrow(UsageError);
  expect(check).toThrow("--backfill is an option of threatfox, but this run has only mitre-taxii.");
});

test("a value that is the name of a connector is most likely none, unless a file has that name", () => {
  const folder = temporaryFolder();
  const check = () => checkConnectorOptions({ values: { backfill: "threatfox" }, folder }, all, all);
  expect(check).toThrow(UsageError);
  expect(check).toThrow("To run threatfox with --backfill, write: run threatfox --backfill");
  writeFileSync(join(folder, "threatfox"), "{}");
  expect(check).not.toThrow();
});

test("an option that cannot be used is wrong usage, and its paths count from the folder", () => {
  const folder = temporaryFolder();
  const read = () => readSettings([threatfox], {}, all, { values: { backfill: "full.json" }, folder });
  expect(read).toThrow(UsageError);
  expect(read).toThrow(
    `--backfill names a file that cannot be read: there is no such file (ENOENT): ${folder}`,
  );
  writeFileSync(join(folder, "full.json"), "{}");
  expect(read().connectors[0]?.skipReason).toBeUndefined();
});

test("a secret in a value is warned about, since the process list shows it", () => {
  const key = "0123456789abcdef0123456789abcdef0123456789abcdef";
  const warningsOf = (backfill: string | true) => {
    const values = { backfill };
    const { connectors } = readSettings([threatfox], {}, all, { values, folder: import.meta.dirname });
    const secrets = [...connectors.flatMap((connector) => connector.secrets), "short-key"];
    return warnOfSecrets(values, createRedactor(secrets));
  };
  for (const address of [
    `https://threatfox-api.abuse.ch/v2/files/exports/${key}/full.json.zip`,
    "https://threatfox-api.abuse.ch/v2/files/exports/short/full.json.zip",
    `https://threatfox-api.abuse.ch/files/exports/full.json.zip?auth-key=${key}`,
    "https://example.com/short-key/full.json",
  ]) {
    expect(warningsOf(address)).toEqual([
      expect.stringMatching(/^the value of --backfill holds a secret, and the process list .*\.env/),
    ]);
    expect(warningsOf(address).join()).not.toContain("short");
  }
  for (const source of [true, "read-settings.ts", "https://threatfox.abuse.ch/export/json/full/"] as const) {
    expect(warningsOf(source)).toEqual([]);
  }
});
