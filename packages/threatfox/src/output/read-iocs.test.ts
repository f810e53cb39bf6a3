import type { Store } from "@cti-connectors/core/host";
import { loadDocuments } from "@cti-connectors/core/testing";
import { describeOnServers } from "@cti-connectors/dev-kit/describe-on-servers";
import { beforeEach, expect, test, vi } from "vitest";
import { enrichIoc } from "../record/enrich-ioc.js";
import { iocRecord } from "../record/ioc-record.js";
import { toStixObjects } from "../stix/to-stix-objects.js";
import { cobaltStrike } from "../testing/stored-ioc.js";
import { type IocSelection, readIocs, toMongoFilter } from "./read-iocs.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

test("a selection narrows by what it names, and by nothing else", () => {
  expect(toMongoFilter({})).toEqual({});
  const since = new Date("2026-11-01");
  expect(
    toMongoFilter({ since, types: ["domain", "url"], minConfidence: 0, malware: ["win.remcos"] }),
  ).toEqual({
    ingested_at: { $gte: since },
    "enriched.indicator.type": { $in: ["domain", "url"] },
    "enriched.confidence": { $gte: 0 },
    "enriched.malware": { $in: ["win.remcos"] },
  });
});

describeOnServers("IOCs", (openDatabase) => {
  let store: Store;

  beforeEach(async () => {
    store = await openDatabase();
    await load("2026-01-01", { id: "3", confidence_level: null }, { id: "1", ioc: "198.51.100.1:1" });
    await load("2026-02-01", { id: "2", ioc_type: "domain", ioc: "a.example", malware: "win.remcos" });
    await store.database.collection<{ _id: string }>("iocs").insertOne({ _id: "0" });
  });

  async function load(day: string, ...records: readonly object[]): Promise<void> {
    const documents = records.map((record) => {
      const ioc = iocRecord.parse({ ...cobaltStrike, ...record });
      return { collection: "iocs", _id: ioc.id, data: ioc.data, enriched: enrichIoc(ioc) };
    });
    await loadDocuments({ store, documents, runId: "a-run", at: new Date(day) });
  }

  async function idsOf(selection?: IocSelection, orderBy?: string) {
    const ids: string[] = [];
    const unreadable: unknown[] = [];
    const iocs = readIocs({
      reader: store.reader,
      collection: "iocs",
      ...(selection && { selection }),
      ...(orderBy && { orderBy }),
      onUnreadable: (id) => unreadable.push(id),
    });
    for await (const { _id } of iocs) {
      ids.push(_id);
    }
    return { ids, unreadable };
  }

  test("come in the order of their ids, and what is no IOC is told", async () => {
    expect(await idsOf()).toEqual({ ids: ["1", "2", "3"], unreadable: ["0"] });
  });

  test("come in another order where it is asked for", async () => {
    expect((await idsOf({ malware: ["win.cobalt_strike"] }, "enriched.indicator.host")).ids).toEqual([
      "1",
      "3",
    ]);
  });

  test.each<[IocSelection, readonly string[]]>([
    [{ since: new Date("2026-02-01") }, ["2"]],
    [{ since: new Date("2026-02-01T00:00:00.001Z") }, []],
    [{ types: ["ip:port"] }, ["1", "3"]],
    [{ types: ["ip:port", "domain"] }, ["1", "2", "3"]],
    [{ minConfidence: 0 }, ["1", "2"]],
    [{ minConfidence: 76 }, []],
    [{ malware: ["win.remcos"], types: ["domain"] }, ["2"]],
  ])("that are selected by %j are %j", async (selection, ids) => {
    expect(await idsOf(selection)).toEqual({ ids, unreadable: [] });
  });

  test("are indicators that were created at the same time in every export, whatever ThreatFox tells later", async () => {
    async function exported() {
      for await (const ioc of readIocs({ reader: store.reader, collection: "iocs" })) {
        const [indicator, , relationship] = toStixObjects(ioc);
        return { indicator, relationship };
      }
      return undefined;
    }
    const created = "2026-01-01T00:00:00.000Z";
    for (const [day, first_seen] of [
      ["2026-03-01", null],
      ["2026-03-02", "2025-12-24 00:00:00 UTC"],
      ["2026-03-03", "2026-06-01 00:00:00 UTC"],
    ] as const) {
      await load(day, { id: "1", ioc: "198.51.100.1:1", first_seen });
      const modified = `${day}T00:00:00.000Z`;
      const valid_from = first_seen === null ? created : new Date(first_seen).toISOString();
      expect(await exported()).toMatchObject({
        indicator: { created, modified, valid_from },
        relationship: { created, modified },
      });
    }
  });
});
