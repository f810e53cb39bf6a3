import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openStore, type Store } from "@cti-connectors/core/host";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { startSandbox } from "@cti-connectors/sandbox";
import { expect, onTestFinished, test } from "vitest";
import { runHere } from "../../src/testing/run-here.js";
import { temporaryFolder } from "../../src/testing/temporary-folder.js";

const ioc = {
  ...{ ioc_value: "203.0.113.5:443", ioc_type: "ip:port", malware: "win.example" },
  ...{ malware_printable: "Example", first_seen_utc: "2026-11-01 00:00:00", tags: "one" },
};
const network = "203.0.113.0/24";
const nowhere = "http://127.0.0.1:1/";

/** As the version before has stored them. */
async function ageDocuments(store: Store) {
  const older = { $set: { content_hash: "of an older version" } };
  await store.database
    .collection("threatfox_raw")
    .updateMany({}, { ...older, $unset: { "enriched.indicator.address": "", "enriched.folded_tags": "" } });
  await store.database
    .collection("objects")
    .updateMany({}, { ...older, $unset: { "enriched.folded_names": "" } });
  await store.database.collection("etl_state").deleteMany({ version: 1 });
}

const ofIocs =
  "Documents of an older version are stored in threatfox_raw: answers may lack IOCs in a network, below a domain or with a tag. Upgrade them, without requests: ";
const ofObjects =
  "Documents of an older version are stored in objects: answers may lack objects by name or alias, and the names of what relationships join. Upgrade them, without requests: ";

test("an answer from documents of an older version says what it may lack, until a run has upgraded them", async () => {
  const server = await startEmbeddedMongo();
  onTestFinished(() => server.close());
  const store = await openStore({ uri: server.uri, db: "older", kind: "mongodb" });
  onTestFinished(() => store.close());
  const folder = temporaryFolder();
  const cti = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runHere(args, { folder, env: { MONGO_URI: server.uri, DB_NAME: "older", HTTP_RETRIES: "0", ...env } });
  await writeFile(join(folder, "iocs.json"), JSON.stringify({ 1: [ioc] }));

  // The export is loaded, and the API does not answer.
  const env = { THREATFOX_API_KEY: "0123456789abcdef0123456789abcdef", API_URL: nowhere };
  const part = await cti(["run", "threatfox", "--backfill", "iocs.json"], env);
  expect(part.exitCode, part.stderr).toBe(1);
  expect((await cti(["lookup", network])).exitCode).toBe(0);
  const unknown = await cti(["lookup", "nosuch.example"]);
  expect(unknown.stdout).toContain("threatfox (only a part loaded, just now)");
  expect(unknown.stdout).not.toContain("Load something first");
  expect((await cti(["status"], env)).stdout).toContain("\nthreatfox: only a part loaded, just now\n");

  const sandbox = await startSandbox({});
  const load = await cti(["run", "mitre-taxii"], { MITRE_TAXII_URL: sandbox.taxiiUrl });
  await sandbox.close();
  expect(load.exitCode, load.stderr).toBe(0);
  const whole = await cti(["lookup", "powershell"]);
  expect(whole.stdout).toContain("ATT&CK T1059.001 PowerShell");
  expect(whole.stdout).not.toContain("older version");

  await ageDocuments(store);
  const flat = (text: string) => text.replace(/\s+/gu, " ");
  const missed = await cti(["lookup", network, "powershell"]);
  expect(missed.exitCode).toBe(1);
  expect(flat(missed.stdout)).toContain(ofIocs);
  expect(flat(missed.stdout)).toContain(ofObjects);
  const outdated = [
    { collection: "threatfox_raw", lacks: "IOCs in a network, below a domain or with a tag" },
  ];
  expect(JSON.parse((await cti(["lookup", "--json", network])).stdout).searched).toContainEqual(
    expect.objectContaining({ connector: "threatfox", part_loaded_at: expect.any(String), outdated }),
  );
  await writeFile(join(folder, "batch.txt"), network);
  expect((await cti(["lookup", "--batch", "batch.txt"])).stderr).toContain(ofIocs);
  // It writes what older versions have stored, too.
  expect((await cti(["export", "csv"])).stderr).not.toContain(ofIocs);
  expect((await cti(["changes"])).stderr).toContain(ofObjects);
  expect((await cti(["links"])).stderr).toContain(ofObjects);
  expect(JSON.parse((await cti(["links", "--json"])).stdout)).toMatchObject({
    outdated: [{ collection: "objects" }],
  });
  const layer = await cti(["layer", "G0016"]);
  expect(layer.stderr).toContain(ofObjects);
  expect(JSON.parse(layer.stdout).metadata).toContainEqual({
    name: "incomplete: documents of an older version in objects",
    value: "it may lack objects by name or alias, and the names of what relationships join",
  });
  expect((await cti(["status"])).stdout).toContain(ofIocs);

  // Neither the server nor a key is there.
  const upgrade = await cti(["run", "mitre-taxii", "threatfox"], { MITRE_TAXII_URL: nowhere });
  expect(upgrade.exitCode).toBe(1);
  expect(upgrade.stdout).toContain("mitre-taxii: failed");
  expect(upgrade.stdout).toContain("threatfox: skipped: THREATFOX_API_KEY is not set");
  for (const term of [network, "powershell"]) {
    const found = await cti(["lookup", term]);
    expect(found.exitCode, found.stdout).toBe(0);
    expect(found.stdout).not.toContain("older version");
  }
});
