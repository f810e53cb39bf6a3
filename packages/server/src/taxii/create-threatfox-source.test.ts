import type { JsonObject } from "@cti-connectors/core";
import { serveOnLoopback } from "@cti-connectors/sandbox";
import { createTaxiiApp, taxiiContentType } from "@cti-connectors/taxii-server";
import { readIocs, writeStixBundle } from "@cti-connectors/threatfox";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
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

async function serve() {
  const source = createThreatfoxSource({ store: demo.store.reader, iocs: iocCollection });
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
