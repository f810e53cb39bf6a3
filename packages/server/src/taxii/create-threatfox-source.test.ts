import type { JsonObject } from "@cti-connectors/core";
import { serveOnLoopback } from "@cti-connectors/sandbox";
import { createTaxiiApp, taxiiContentType } from "@cti-connectors/taxii-server";
import { readIocs, writeStixBundle } from "@cti-connectors/threatfox";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { countRead } from "../testing/count-read.js";
import { useDemo } from "../testing/use-demo.js";
import { createThreatfoxSource } from "./create-threatfox-source.js";

vi.setConfig({ testTimeout: 60_000 });

const demo = useDemo();
const iocs = "/threatfox/collections/iocs/";
const iocCollection = "threatfox_raw";

const body = z.object({
  more: z.boolean().optional(),
  next: z.string().optional(),
  objects: z.array(z.custom<JsonObject & { readonly id: string; readonly type: string }>()).default([]),
});

async function serve(store = demo.store.reader) {
  const source = createThreatfoxSource({ store, iocs: iocCollection });
  const app = createTaxiiApp([source], { title: "test" });
  const { url, close } = await serveOnLoopback((request) => app.fetch(request));
  onTestFinished(close);
  return async (path: string) => {
    const answer = await fetch(new URL(`${iocs}${path}`, url), { headers: { accept: taxiiContentType } });
    expect(answer.status).toBe(200);
    return { headers: answer.headers, ...body.parse(await answer.json()) };
  };
}

/** The bundle that `export stix` writes. */
let exported: readonly JsonObject[] = [];
beforeAll(async () => {
  const { reader } = demo.store;
  let text = "";
  for await (const piece of writeStixBundle(readIocs({ reader, collection: iocCollection }))) {
    text += piece;
  }
  exported = z.object({ objects: z.array(z.custom<JsonObject>()) }).parse(JSON.parse(text)).objects;
});

function byId(objects: readonly JsonObject[]) {
  return new Map(objects.map((object) => [object.id, object]));
}

test("serves what an export writes, each object once, and what it refers to before it", async () => {
  const read = await serve();
  const { objects } = await read("objects/");
  expect(objects).toHaveLength(exported.length);
  // Which IOC describes a family is another question: its name and aliases are the same in all.
  const isOther = ({ type }: JsonObject) => type !== "malware";
  expect(byId(objects.filter(isOther))).toEqual(byId(exported.filter(isOther)));
  expect([...byId(objects).keys()].sort()).toEqual([...byId(exported).keys()].sort());
  const { objects: manifest } = await read("manifest/");
  expect(manifest.map(({ id }) => id)).toEqual(objects.map(({ id }) => id));
});

test.each([
  ["", 1],
  ["", 7],
  ["match[type]=malware", 2],
  ["match[type]=relationship,malware", 5],
  ["match[type]=identity", 1],
])("pages of %j with %i objects are together the long one", async (filter, limit) => {
  const read = await serve();
  const { objects: all } = await read(`objects/?${filter}`);
  expect(all.length).toBeGreaterThan(0);
  const pages: JsonObject[] = [];
  let next: string | undefined = "";
  while (next !== undefined) {
    const page: z.output<typeof body> = await read(`objects/?limit=${limit}&${filter}${next}`);
    expect(page.objects.length).toBeLessThanOrEqual(limit);
    pages.push(...page.objects);
    next = page.more ? `&next=${encodeURIComponent(page.next ?? "")}` : undefined;
  }
  expect(pages).toEqual(all);
});

test("passes over documents that somebody has damaged, however many there are", async () => {
  const read = await serve();
  const { objects: before } = await read("objects/");
  const collection = demo.store.database.collection<{ _id: string; ingested_at: Date }>(iocCollection);
  const ids = ["!1", "!2", "!3"];
  const first = await collection.find().sort({ ingested_at: 1 }).limit(1).next();
  const ingested_at = new Date((first?.ingested_at.getTime() ?? 0) - 1);
  await collection.insertMany(ids.map((_id) => ({ _id, ingested_at })));
  onTestFinished(async () => {
    await collection.deleteMany({ _id: { $in: ids } });
  });
  const again = await serve();
  expect((await again("objects/")).objects).toEqual(before);
  const page = await again("objects/?match[type]=indicator&limit=1");
  expect(page.objects).toEqual(before.filter(({ type }) => type === "indicator").slice(0, 1));
});

test("finds what has a version, and nothing of another version of STIX, without reading the rest", async () => {
  const { reader, documents } = countRead(demo.store.reader);
  const read = await serve(reader);
  const { objects } = await read("objects/");
  const indicators = objects.filter(({ type }) => type === "indicator");
  const versions = [...new Set(indicators.map(({ modified }) => String(modified)))];
  expect(versions.length).toBeGreaterThan(0);
  const of = versions.slice(0, 1);
  const found = await read(`objects/?match[version]=${of.join()}&match[type]=indicator`);
  expect(found.objects).toEqual(indicators.filter(({ modified }) => of.includes(String(modified))));
  const all = await read(`objects/?match[version]=${versions.join()}&match[type]=indicator&limit=1000`);
  expect(all.objects).toEqual(indicators);
  const pages = [];
  for (let next: string | undefined = ""; next !== undefined; ) {
    const page: z.output<typeof body> = await read(
      `objects/?match[version]=${versions.join()}&match[type]=indicator&limit=2${next}`,
    );
    pages.push(...page.objects);
    next = page.more ? `&next=${encodeURIComponent(page.next ?? "")}` : undefined;
  }
  expect(pages).toEqual(indicators);
  const before = documents();
  for (const filter of ["match[version]=2000-01-01T00:00:00Z", "match[spec_version]=2.0"]) {
    expect((await read(`objects/?${filter}`)).objects).toEqual([]);
  }
  // Each asks when the last run ended.
  expect(documents() - before).toBeLessThan(10);
});

test("keeps few objects of a long page in memory: it makes them while it sends them", async () => {
  const { reader, documents } = countRead(demo.store.reader);
  const source = createThreatfoxSource({ store: reader, iocs: iocCollection });
  const [{ id = "" } = {}] = await source.collections("/threatfox/");
  const page = await source.readPage({
    ...{ root: "/threatfox/", collection: id, limit: 1_000, filter: { versions: "all" } },
  });
  expect(Object.keys(page.records[5] ?? {}).sort()).toEqual(["dateAdded", "id", "position", "version"]);
  const listed = documents();
  const sent = [];
  for await (const object of page.objects()) {
    sent.push(JSON.parse(object).id);
  }
  expect(sent).toEqual(page.records.map((record) => record.id));
  expect(documents()).toBeGreaterThan(listed);
});

test("finds each object by its id", async () => {
  const read = await serve();
  const { objects } = await read("objects/");
  for (const type of ["indicator", "malware", "relationship", "identity", "marking-definition"]) {
    const wanted = objects.filter((object) => object.type === type).slice(0, 2);
    const ids = wanted.map(({ id }) => id).join(",");
    expect((await read(`objects/?match[id]=${ids}`)).objects).toEqual(wanted);
  }
  expect((await read(`objects/${objects[4]?.id}/`)).objects).toEqual([objects[4]]);
});

test("added_after finds an IOC that changed, and a family that another IOC describes by then", async () => {
  const read = await serve();
  const { headers } = await read("objects/");
  const last = headers.get("x-taxii-date-added-last") ?? "";
  expect((await read(`objects/?added_after=${last}`)).objects).toEqual([]);
  const collection = demo.store.database.collection(iocCollection);
  const later = new Date(Date.parse(last) + 1000);
  const change = { ingested_at: later, "enriched.first_seen": new Date("2099-01-01") };
  await collection.updateOne({ "enriched.malware": "win.cobalt_strike" }, { $set: change });
  vi.useFakeTimers({ now: later.getTime() + 1000, toFake: ["Date"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  await demo.store.database.collection("etl_runs").updateMany({}, { $set: { finished_at: later } });
  const { objects } = await read(`objects/?added_after=${last}`);
  expect(objects.map(({ type }) => type)).toEqual(["malware", "indicator", "relationship"]);
});
