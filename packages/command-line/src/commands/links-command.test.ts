import { openStore } from "@cti-connectors/core/host";
import { loadDocuments } from "@cti-connectors/core/testing";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findSurroundings } from "../settings/surroundings.js";
import { foldersIn, program } from "../testing/program.js";
import { temporaryFolder } from "../testing/temporary-folder.js";
import { type LinksOptions, linksCommand } from "./links-command.js";

const link = {
  ...{ attack_id: "S0154", stix_id: "malware--1", name: "Cobalt Strike", names: ["Cobalt Strike"] },
  ...{ domains: [], found_by: "name", confidence: 90, deprecated: false, successor_of: [] },
};
const linked = {
  data: { malware: "win.cobalt_strike", name: "Cobalt Strike", aliases: ["Agentemis"] },
  enriched: {
    folded_names: ["cobaltstrike", "agentemis"],
    ...{ state: "linked", software_ids: ["S0154"], links: [link], rejected: [] },
  },
};
const unlinked = {
  data: { malware: "win.vidar", name: "Vidar", aliases: [] },
  enriched: { folded_names: ["vidar"], state: "unlinked", software_ids: [], links: [], rejected: [] },
};

let server: Awaited<ReturnType<typeof startEmbeddedMongo>>;

beforeAll(async () => {
  server = await startEmbeddedMongo();
  const store = await openStore({ uri: server.uri, db: "linked", kind: "mongodb" });
  const documents = [linked, unlinked].map((document) => ({
    ...document,
    collection: "malware_links",
    _id: document.data.malware,
  }));
  await loadDocuments({ store, documents, runId: "run", at: new Date(0) });
  await store.close();
});

afterAll(() => server.close());

async function ask(names: readonly string[], options: LinksOptions = {}, DB_NAME = "linked") {
  const folder = temporaryFolder();
  const surroundings = await findSurroundings(program, {
    processEnvironment: { MONGO_URI: server.uri, DB_NAME },
    currentFolder: folder,
    folders: foldersIn(folder),
  });
  const printed: string[] = [];
  const terminal = { print: (text: string) => printed.push(text), say: (text: string) => printed.push(text) };
  const status = await linksCommand(names, options, surroundings, terminal);
  return { status, text: printed.join("\n") };
}

test("lists every family", async () => {
  const { status, text } = await ask([]);
  expect(status).toBe(0);
  expect(text).toContain("2 malware families: 1 linked, 1 unlinked");
  expect(text).toContain("S0154 Cobalt Strike");
  expect(text).toContain("win.vidar");
});

test.each(["win.cobalt_strike", "cobalt-strike", "AGENTEMIS", "s0154"])(
  "finds a family by %s",
  async (name) => {
    const { status, text } = await ask([name], { json: true });
    expect({ status, answer: JSON.parse(text) }).toEqual({
      status: 0,
      answer: { families: [{ family: linked.data, state: "linked", links: [link], rejected: [] }] },
    });
  },
);

test("lists the families of one state, even if there are none", async () => {
  expect((await ask([], { state: "unlinked" })).text).toContain("1 malware family: 1 unlinked");
  expect(await ask([], { state: "ambiguous" })).toEqual({ status: 0, text: "No malware family matches." });
});

test("a name that no family has, and a database without links, end with status 1", async () => {
  expect(await ask(["win.nothing"])).toEqual({ status: 1, text: "No malware family matches." });
  const { status, text } = await ask([], {}, "empty");
  expect(status).toBe(1);
  expect(text).toMatch(/has no links .*\nLoad ATT&CK and ThreatFox first: /u);
});
