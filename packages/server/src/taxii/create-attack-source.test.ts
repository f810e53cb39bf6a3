import type { JsonObject } from "@cti-connectors/core";
import { openStore, type Store } from "@cti-connectors/core/host";
import { readDatabase, runInTest } from "@cti-connectors/core/testing";
import { startEmbeddedMongo } from "@cti-connectors/embedded-mongo";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { serveOnLoopback } from "@cti-connectors/sandbox";
import { createTaxiiApp, taxiiContentType } from "@cti-connectors/taxii-server";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { countRead } from "../testing/count-read.js";
import { useDemo } from "../testing/use-demo.js";
import { createAttackSource } from "./create-attack-source.js";

vi.setConfig({ testTimeout: 60_000 });

const demo = useDemo();
const ics = "/api/v21/collections/x-mitre-collection--90c00720-636b-4485-b342-8751d232bf09/";

const body = z.object({
  more: z.boolean().optional(),
  next: z.string().optional(),
  objects: z.array(z.custom<JsonObject>()).default([]),
  api_roots: z.array(z.string()).optional(),
  collections: z.array(z.object({ id: z.string(), title: z.string() })).optional(),
});

async function serve(store: Store, now?: () => Date) {
  const source = createAttackSource({ store: store.reader, ...(now && { now }) });
  const app = createTaxiiApp([source], { title: "test" });
  const { url, close } = await serveOnLoopback((request) => app.fetch(request));
  onTestFinished(close);
  return {
    url,
    async read(path: string) {
      const answer = await fetch(new URL(path, url), { headers: { accept: taxiiContentType } });
      expect(answer.status).toBe(200);
      return { headers: answer.headers, ...body.parse(await answer.json()) };
    },
  };
}

test("has the API roots of MITRE's server: what is current, and each stored release with its collections", async () => {
  const { read } = await serve(demo.store);
  const { api_roots = [] } = await read("/taxii2/");
  expect(api_roots.map((root) => new URL(root, "http://x").pathname)).toEqual([
    "/api/v21/",
    "/api/v21/attack-14.1/",
    "/api/v21/attack-17.1/",
    "/api/v21/attack-18.1/",
  ]);
  const titles = async (root: string) =>
    (await read(`${root}collections/`)).collections?.map(({ title }) => title).sort();
  expect(await titles("/api/v21/")).toEqual(["Enterprise ATT&CK", "ICS ATT&CK", "Mobile ATT&CK"]);
  expect(await titles("/api/v21/attack-17.1/")).toEqual(["ICS ATT&CK"]);
});

test.each(["", "match[type]=relationship,x-mitre-tactic", "match[version]=all", "match[spec_version]=2.1"])(
  "short pages of %j are together the long one",
  async (filter) => {
    const { read } = await serve(demo.store);
    const { objects: all } = await read(`${ics}objects/?${filter}`);
    const { objects: manifest } = await read(`${ics}manifest/?${filter}`);
    expect(all.length).toBeGreaterThan(10);
    expect(manifest.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    const pages: JsonObject[] = [];
    let next: string | undefined = "";
    while (next !== undefined) {
      const page: z.output<typeof body> = await read(`${ics}objects/?limit=9&${filter}${next}`);
      pages.push(...page.objects);
      next = page.more ? `&next=${encodeURIComponent(page.next ?? "")}` : undefined;
    }
    expect(pages).toEqual(all);
  },
);

test("finds the versions of a time without reading the others", async () => {
  const { reader, documents } = countRead(demo.store.reader);
  const { read } = await serve({ ...demo.store, reader });
  const { objects } = await read(`${ics}objects/?match[type]=attack-pattern`);
  const modified = String(objects[0]?.modified);
  const isOfTime = (object: JsonObject) => object.modified === modified;
  const before = documents();
  const found = await read(`${ics}objects/?match[version]=${modified}&match[type]=attack-pattern`);
  expect(found.objects).toEqual(objects.filter(isOfTime));
  // Each is found, and then read.
  expect(documents() - before).toBeLessThan(2 * found.objects.length + 10);
  expect((await read(`${ics}objects/?match[version]=2000-01-01T00:00:00Z`)).objects).toEqual([]);
  expect(documents() - before).toBeLessThan(2 * found.objects.length + 20);
});

test("finds objects by id, with their versions", async () => {
  const { read } = await serve(demo.store);
  const { objects } = await read(`${ics}objects/?match[type]=attack-pattern`);
  const [first, second] = objects;
  expect((await read(`${ics}objects/${first?.id}/`)).objects).toEqual([first]);
  const both = await read(`${ics}objects/?match[id]=${second?.id},${first?.id},tool--none`);
  expect(both.objects).toEqual([first, second]);
  expect((await read(`${ics}objects/?match[id]=${first?.id}&match[type]=tool`)).objects).toEqual([]);
});

/** Without what says when something was stored, and by which run. */
async function contentOf(store: Store) {
  const { objects = [], versions = [] } = await readDatabase(store);
  return [objects, versions].map((documents) =>
    documents.map(({ _id, data, enriched, removed_at }) => ({
      ...{ _id, data, enriched },
      isListed: removed_at === null,
    })),
  );
}

type Stored = { _id: string } & Record<string, unknown>;

async function openEmpty(): Promise<Store> {
  const { uri, close } = await startEmbeddedMongo();
  const store = await openStore({ uri, db: "test", kind: "mongodb" });
  onTestFinished(async () => {
    await store.close();
    await close();
  });
  return store;
}

/** Stores versions of tools in the collection of ICS. */
async function addTools(
  store: Store,
  tools: readonly (readonly [id: string, version: string, at: string, removed_at?: Date])[],
): Promise<void> {
  const collection_id = "x-mitre-collection--90c00720-636b-4485-b342-8751d232bf09";
  await store.database.collection<Stored>("objects").insertMany(
    tools.map(([id, modified, at, removed_at = null]) => ({
      _id: `${collection_id}/${id}/${modified}`,
      data: { collection_id, objects: [{ id, type: "tool", spec_version: "2.1", modified }] },
      enriched: { type: id.split("--")[0], attack_version: "18.1" },
      ...{ ingested_at: new Date(at), removed_at },
    })),
  );
}

const release = "x-mitre-collection--90c00720-636b-4485-b342-8751d232bf09";

test("a page is full wherever versions are left out, and the last one says so", async () => {
  const store = await openEmpty();
  await addTools(store, [
    [release, "2025-10-28T00:00:00.000Z", "2026-11-01T00:00:00Z"],
    ["tool--a", "2020-01-01T00:00:00.000Z", "2026-11-02T00:00:00Z"],
    ["tool--b", "2019-01-01T00:00:00.000Z", "2026-11-03T00:00:00Z"],
    ["tool--a", "2026-01-01T00:00:00.000Z", "2026-11-04T00:00:00Z"],
  ]);
  const { read } = await serve(store);
  const pagesOf = async (filter: string) => {
    const pages: unknown[] = [];
    let next: string | undefined = "";
    while (next !== undefined) {
      const page: z.output<typeof body> = await read(`${ics}manifest/?limit=1${filter}${next}`);
      pages.push(page.objects.map(({ id, version }) => `${id} ${String(version).slice(0, 4)}`).join());
      next = page.more ? `&next=${encodeURIComponent(page.next ?? "")}` : undefined;
    }
    return pages;
  };
  expect(await pagesOf("")).toEqual([`${release} 2025`, "tool--b 2019", "tool--a 2026"]);
  expect(await pagesOf("&match[version]=first")).toEqual([`${release} 2025`, "tool--a 2020", "tool--b 2019"]);
  expect(await pagesOf("&match[version]=2019-01-01T00:00:00Z")).toEqual(["tool--b 2019"]);
  expect(await pagesOf("&match[version]=all&match[type]=tool")).toEqual([
    "tool--a 2020",
    "tool--b 2019",
    "tool--a 2026",
  ]);
});

test("added_after finds what was stored later, and what a run stores can be read when it has ended", async () => {
  const store = await openEmpty();
  await addTools(store, [
    [release, "2025-10-28T00:00:00.000Z", "2026-11-01T00:00:00Z"],
    ["tool--a", "2020-01-01T00:00:00.000Z", "2026-11-01T00:00:00Z", new Date()],
    ["tool--a", "2026-01-01T00:00:00.000Z", "2026-11-08T00:00:00Z"],
    ["tool--b", "2019-01-01T00:00:00.000Z", "2026-11-08T00:00:00Z"],
  ]);
  const run = { _id: "run", status: "running", connectors: ["mitre-taxii"] };
  const times = { started_at: new Date("2026-11-07"), heartbeat_at: new Date("2026-11-09") };
  const runs = store.database.collection<Stored>("etl_runs");
  await runs.insertOne({ ...run, ...times });

  const { read } = await serve(store, () => new Date("2026-11-09T00:00:10Z"));
  const idsIn = async (query: string) => {
    const { objects: found, headers } = await read(`${ics}objects/${query}`);
    return [found.map(({ id, modified }) => [id, modified]), headers.get("x-taxii-date-added-last")];
  };
  const [, last] = await idsIn("");
  expect(last).toBe("2026-11-01T00:00:00.000Z");
  expect(await idsIn(`?added_after=${last}`)).toEqual([[], null]);
  await runs.updateOne({ _id: "run" }, { $set: { status: "ok" } });
  expect(await idsIn(`?added_after=${last}`)).toEqual([
    [
      ["tool--a", "2026-01-01T00:00:00.000Z"],
      ["tool--b", "2019-01-01T00:00:00.000Z"],
    ],
    "2026-11-08T00:00:00.000Z",
  ]);
});

test("our connector loads from it what the first source has, and later nothing", async () => {
  const { url } = await serve(demo.store);
  const { uri, close } = await startEmbeddedMongo();
  const store = await openStore({ uri, db: "copy", kind: "mongodb" });
  onTestFinished(async () => {
    await store.close();
    await close();
  });
  const load = async () => {
    const environment = {
      ...{ MITRE_TAXII_URL: `${url}taxii2/`, MITRE_RELEASES: "all", MITRE_REQUEST_BUDGET: "none" },
    };
    return (await runInTest({ connector: mitreTaxii, environment, store })).connector;
  };
  expect((await load()).status).toBe("ok");
  expect(await contentOf(store)).toEqual(await contentOf(demo.store));
  const { status, steps } = await load();
  expect(status).toBe("ok");
  expect(steps.map(({ inserted, updated, withdrawn }) => inserted + updated + withdrawn)).toEqual(
    steps.map(() => 0),
  );
});
