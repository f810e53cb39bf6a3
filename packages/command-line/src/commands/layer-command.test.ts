import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "@cti-connectors/core/host";
import { loadDocuments, runInTest } from "@cti-connectors/core/testing";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { UsageError } from "../process/exit-status.js";
import { findSurroundings } from "../settings/surroundings.js";
import { foldersIn, program } from "../testing/program.js";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { type LayerOptions, layerCommand } from "./layer-command.js";

const at = "2025-10-28T00:00:00.000Z";

function attackObject(type: string, attackId: string, name: string) {
  return {
    ...{ type, id: `${type}--${attackId}`, spec_version: "2.1", name, created: at, modified: at },
    external_references: [{ source_name: "mitre-attack", external_id: attackId }],
    x_mitre_domains: ["enterprise-attack"],
  };
}

function uses(source: string, target: string) {
  return {
    ...{ type: "relationship", id: `relationship--${source}-${target}`, spec_version: "2.1" },
    ...{ created: at, modified: at, relationship_type: "uses", source_ref: source, target_ref: target },
  };
}

const collection = {
  ...{ type: "x-mitre-collection", id: "x-mitre-collection--1f5f1533-f617-4ca8-9ab4-6a02367fa019" },
  ...{ name: "Enterprise ATT&CK", x_mitre_version: "18.1", created: at, modified: at, x_mitre_contents: [] },
};
const objects = [
  collection,
  attackObject("attack-pattern", "T1001", "Obfuscation"),
  attackObject("attack-pattern", "T1002", "Archive"),
  attackObject("intrusion-set", "G0001", "Cosy Bear"),
  attackObject("intrusion-set", "G0002", "Idle Bear"),
  attackObject("malware", "S0001", "Strike"),
  uses("intrusion-set--G0001", "attack-pattern--T1001"),
  uses("intrusion-set--G0001", "malware--S0001"),
  uses("malware--S0001", "attack-pattern--T1002"),
];

const family = (malware: string, software: readonly string[]) => ({
  ...{ collection: "malware_links", _id: malware },
  data: { malware, name: malware, aliases: [] },
  enriched: {
    ...{ name: malware, aliases: [], folded_names: [], state: software.length > 0 ? "linked" : "unlinked" },
    software_ids: software,
    rejected: [],
    links: software.map((id) => ({
      ...{ attack_id: id, stix_id: `malware--${id}`, name: id, names: [], domains: [] },
      ...{ found_by: "name", confidence: 90, deprecated: false, successor_of: [] },
    })),
  },
});
const ioc = {
  ...{ collection: "threatfox_raw", _id: "1", data: { id: "1" } },
  enriched: { malware: "win.strike", first_seen: new Date("2026-11-02T00:00:00Z") },
};

let server: Awaited<ReturnType<typeof startEmbeddedMongo>>;

beforeAll(async () => {
  server = await startEmbeddedMongo();
  const store = await openStore({ uri: server.uri, db: "layers", kind: "mongodb" });
  const folder = await mkdtemp(join(tmpdir(), "layer-command-"));
  try {
    const file = join(folder, "enterprise-attack.json");
    await writeFile(file, JSON.stringify({ type: "bundle", id: "bundle--1", objects }));
    const environment = { MITRE_BUNDLES: file };
    const { connector } = await runInTest({ connector: mitreTaxii, environment, store });
    expect(connector).toMatchObject({ status: "ok" });
  } finally {
    await rm(folder, { recursive: true });
  }
  const documents = [family("win.strike", ["S0001"]), family("win.vidar", []), ioc];
  await loadDocuments({ store, documents, runId: "run", at: new Date(0) });
  await store.close();
});

afterAll(() => server.close());

async function ask(terms: readonly string[], options: LayerOptions = {}, DB_NAME = "layers") {
  const folder = temporaryFolder();
  const surroundings = await findSurroundings(program, {
    processEnvironment: { MONGO_URI: server.uri, DB_NAME },
    currentFolder: folder,
    folders: foldersIn(folder),
  });
  const [printed, said]: [string[], string[]] = [[], []];
  const terminal = {
    print: (text: string) => printed.push(text),
    say: (text: string) => said.push(text),
  };
  const status = await layerCommand(terms, options, surroundings, terminal);
  return { status, text: printed.join(""), said: said.join("\n"), folder };
}

const layer = z.looseObject({
  name: z.string(),
  techniques: z.array(z.looseObject({ techniqueID: z.string(), score: z.number().optional() })),
});

function scoresIn(text: string) {
  const { techniques } = layer.parse(JSON.parse(text));
  return Object.fromEntries(techniques.map(({ techniqueID, score }) => [techniqueID, score]));
}

test("writes a layer of what is named to stdout, and nothing else", async () => {
  const { status, text, said } = await ask(["cosy bear", "S0001", "win.strike"]);
  expect({ status, said }).toEqual({ status: 0, said: "" });
  expect(scoresIn(text)).toEqual({ T1001: 1, T1002: 2 });
  expect(scoresIn((await ask(["G0001"])).text)).toEqual({ T1001: 1 });
  expect(scoresIn((await ask(["G0001"], { software: true, release: "18.1" })).text)).toEqual({
    T1001: 1,
    T1002: 1,
  });
});

test("writes a file, and says what in it is missing", async () => {
  const { status, text, said, folder } = await ask(["G0001", "G0002", "win.vidar"], { output: "layer.json" });
  const file = join(folder, "layer.json");
  expect({ status, text }).toEqual({ status: 0, text: "" });
  expect(said.split("\n")).toEqual([
    "Idle Bear (G0002) uses no technique in Enterprise ATT&CK.",
    expect.stringMatching(
      /^win\.vidar \(win\.vidar\) is not linked with ATT&CK software: .* links win\.vidar says why\.$/,
    ),
    `Wrote ${file}: 1 technique.`,
  ]);
  expect(scoresIn(await readFile(file, "utf8"))).toEqual({ T1001: 1 });
});

test("scores by recent IOCs", async () => {
  const { status, text } = await ask([], { iocsSince: new Date("2026-11-01T00:00:00Z") });
  expect(status).toBe(0);
  expect(scoresIn(text)).toEqual({ T1002: 1 });
});

test.each<[string, readonly string[], LayerOptions, RegExp]>([
  ["a group without techniques", ["G0002"], {}, /^Idle Bear \(G0002\) uses no technique/],
  ["another domain", ["G0001"], { domain: "ics" }, /^Cosy Bear \(G0001\) uses no technique in ICS ATT&CK\.$/],
  [
    "no recent IOC",
    [],
    { iocsSince: new Date("2026-12-01T00:00:00Z") },
    /^No IOC first seen since 2026-12-01T/,
  ],
  ["one release", [], { to: "18.1" }, /^There are no two releases of ATT&CK to compare/],
])("fails and writes nothing for %s", async (_name, terms, options, message) => {
  const { status, text, said, folder } = await ask(terms, { ...options, output: "layer.json" });
  expect({ status, text }).toEqual({ status: 1, text: "" });
  expect(said).toMatch(message);
  await expect(readFile(join(folder, "layer.json"))).rejects.toThrow("ENOENT");
});

test.each<[string, readonly string[], LayerOptions, string]>([
  ["an unknown name", ["Cosi Bear"], {}, 'malware family "Cosi Bear". Do you mean Cosy Bear (G0001)?'],
  ["a technique", ["T1001"], {}, "Obfuscation (T1001) is not a group, software or campaign"],
  ["an unknown release", ["G0001"], { release: "3.0" }, "Release 3.0 is not stored; these are: 18.1."],
  ["an unknown release to compare", [], { from: "3.0" }, "Release 3.0 is not stored"],
  ["nothing", [], {}, "A layer shows one thing"],
  ["two things", ["G0001"], { from: "17.1" }, "A layer shows one thing"],
  ["a release of a comparison", [], { from: "17.1", release: "18.1" }, "--release does not fit"],
  ["software of nobody", [], { from: "17.1", software: true }, "--software adds the software"],
  ["a folder", ["G0001"], { output: "layers/" }, "names no file"],
])("refuses %s", async (_name, terms, options, message) => {
  const asked = ask(terms, options);
  await expect(asked).rejects.toThrow(UsageError);
  await expect(asked).rejects.toThrow(message);
});

test("says what to load where no ATT&CK is stored", async () => {
  await expect(ask(["G0001"], {}, "empty")).rejects.toThrow(/^No ATT&CK is stored in .* run mitre-taxii$/);
});
