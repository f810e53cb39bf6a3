import { expect, test } from "vitest";
import type { LoadDocument } from "../connector/connector.js";
import { describeOnMongo, writeCommands } from "../testing/mongo-servers.js";
import { findUnlisted, markRemoved, type ScopedListing } from "./apply-listing.js";
import { loadDocuments } from "./load-documents.js";

const at = new Date("2026-11-23T10:00:00Z");

function objects(collection_id: string, count: number): LoadDocument[] {
  return Array.from({ length: count }, (_, index) => ({
    collection: "objects",
    _id: `${collection_id}/${index}`,
    data: { collection_id },
    enriched: {},
  }));
}

function listing(listed: readonly string[], changes: Partial<ScopedListing> = {}): ScopedListing {
  return {
    collection: "objects",
    scope: { "data.collection_id": "a" },
    listed: new Set(listed),
    isSuperseded: () => false,
    ...changes,
  };
}

describeOnMongo("listings", (database) => {
  async function apply(given: ScopedListing, options: { dryRun?: boolean; runId?: string } = {}) {
    const found = { store: database().store, listing: given, runId: "run-2", ...options };
    return markRemoved(await findUnlisted(found), { ...found, at });
  }

  const load = (documents: readonly LoadDocument[]) =>
    loadDocuments({ store: database().store, documents, runId: "run-1", at: new Date(0) });

  test("marks what is gone from the scope, tells superseded from withdrawn, and leaves the rest alone", async () => {
    await load([...objects("a", 900), ...objects("b", 3)]);
    const listed = ["a/0", "a/899", "b/0"];
    const isSuperseded = (id: string) => id === "a/1" || id === "a/2";
    expect(await apply(listing(listed, { isSuperseded }))).toEqual({ superseded: 2, withdrawn: 896 });
    const collection = database().store.database.collection<{ _id: string }>("objects");
    expect(await collection.findOne({ _id: "a/1" })).toMatchObject({
      removed_at: at,
      removed_reason: "superseded",
      run_id: "run-2",
      ingested_at: new Date(0),
      data: { collection_id: "a" },
    });
    expect(await collection.findOne({ _id: "a/3" })).toMatchObject({
      removed_at: at,
      removed_reason: "withdrawn",
    });
    expect(
      (await collection.find({ removed_at: null }).sort({ _id: 1 }).toArray()).map(({ _id }) => _id),
    ).toEqual(["a/0", "a/899", "b/0", "b/1", "b/2"]);
  });

  test("changes nothing, and writes nothing, when it is applied again", async () => {
    await load(objects("a", 3));
    await apply(listing(["a/0"]));
    database().commands.splice(0);
    expect(await apply(listing(["a/0"]), { runId: "run-3" })).toEqual({ superseded: 0, withdrawn: 0 });
    expect(database().commands.filter(({ name }) => writeCommands.has(name))).toEqual([]);
  });

  test("counts in a dry run and writes nothing", async () => {
    await load(objects("a", 3));
    const before = await database().dump();
    expect(await apply(listing([]), { dryRun: true })).toEqual({ superseded: 0, withdrawn: 3 });
    expect(await database().dump()).toBe(before);
  });

  test("reads no document where as many are current as are known to be, and all of these are listed", async () => {
    await load([...objects("a", 5), ...objects("b", 3)]);
    await apply(listing(["a/0", "a/1", "a/2", "a/3"]));
    database().commands.splice(0);
    const current = new Set(["a/0", "a/1", "a/2", "a/3", "b/0"]);
    const found = await findUnlisted({
      ...{ store: database().store, runId: "run-2", current },
      listing: listing(["a/0", "a/1", "a/2", "a/3", "a/4"]),
    });
    expect(found).toEqual({ ids: { superseded: [], withdrawn: [] }, before: 0, withdrawnBefore: 0 });
    expect(database().commands.map(({ name }) => name)).not.toContain("find");
  });

  test("reads them where one of those that are known to be current is not listed", async () => {
    await load(objects("a", 3));
    const current = new Set(["a/0", "a/1", "a/2"]);
    const found = await findUnlisted({
      ...{ store: database().store, runId: "run-2", current },
      listing: listing(["a/0", "a/1"]),
    });
    expect(found.ids.withdrawn).toEqual(["a/2"]);
  });

  test("counts what was current before the run apart from what the run brought", async () => {
    await load(objects("a", 3));
    const { store } = database();
    await loadDocuments({ store, documents: objects("a", 10).slice(3), runId: "run-2", at });
    const found = await findUnlisted({ store, listing: listing(["a/0", "a/5"]), runId: "run-2" });
    expect(found).toMatchObject({ before: 3, withdrawnBefore: 2 });
    expect(found.ids.withdrawn).toHaveLength(8);
  });

  test("finds nothing in a collection that is not there", async () => {
    expect(await apply(listing([]))).toEqual({ superseded: 0, withdrawn: 0 });
  });
});
