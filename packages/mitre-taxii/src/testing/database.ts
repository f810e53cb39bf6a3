import type { RemovedReason } from "@cti-connectors/core";
import type { Store } from "@cti-connectors/core/host";

const collections = ["collections", "manifest", "objects", "versions"];

/** Everything that was loaded, without what differs from run to run. */
export async function loadedInto({ database }: Store): Promise<Record<string, unknown[]>> {
  const loaded: Record<string, unknown[]> = {};
  for (const name of collections) {
    loaded[name] = await database
      .collection(name)
      .find({}, { projection: { ingested_at: 0, first_ingested_at: 0, run_id: 0 } })
      .sort({ _id: 1 })
      .toArray();
  }
  return loaded;
}

interface StoredDocument {
  readonly _id: string;
  readonly data: unknown;
  readonly enriched: unknown;
  readonly removed_reason?: RemovedReason;
}

/** `_id` → a document's content, and how it was removed. */
export type Contents = Readonly<Record<string, LoadedDocument>>;

export interface LoadedDocument {
  readonly content: Pick<StoredDocument, "data" | "enriched">;
  readonly removed: RemovedReason | undefined;
}

/** What the collections that are not empty hold, to be compared. */
export async function contentsOf({ database }: Store): Promise<Readonly<Record<string, Contents>>> {
  const contents: Record<string, Contents> = {};
  for (const name of collections) {
    const found = await database.collection<StoredDocument>(name).find().sort({ _id: 1 }).toArray();
    if (found.length > 0) {
      contents[name] = Object.fromEntries(
        found.map(({ _id, data, enriched, removed_reason: removed }) => [
          _id,
          { content: { data, enriched }, removed },
        ]),
      );
    }
  }
  return contents;
}

/** What the collections hold, but for the documents that are about an API root: its address is in their `_id`. */
export async function contentsWithoutRoots(store: Store): Promise<Readonly<Record<string, Contents>>> {
  const { collections: _, ...contents } = await contentsOf(store);
  return contents;
}

/** The documents that the upstream lists. */
export async function currentIn(store: Store, collection: string): Promise<Contents> {
  const documents = Object.entries((await contentsOf(store))[collection] ?? {});
  return Object.fromEntries(documents.filter(([, { removed }]) => removed === undefined));
}

/** `_id`s of the documents that the upstream lists. */
export async function currentIdsIn(store: Store, collection: string): Promise<readonly string[]> {
  return Object.keys(await currentIn(store, collection));
}

export async function deleteDocument({ database }: Store, collection: string, _id: string): Promise<void> {
  const { deletedCount } = await database.collection<StoredDocument>(collection).deleteOne({ _id });
  if (deletedCount !== 1) {
    throw new TypeError(`${collection} has no ${_id}`);
  }
}

/** Leaves the checkpoints. */
export async function deleteAllDocuments({ database }: Store): Promise<void> {
  for (const name of collections) {
    await database.collection(name).deleteMany({});
  }
}

interface SavedCheckpoint {
  readonly _id: string;
  readonly step: string;
  /** JSON text. */
  readonly value: string;
}

const checkpoints = { _id: /^checkpoint\// };

/** Step → what it saved last. */
export async function checkpointsIn({ database }: Store): Promise<Readonly<Record<string, unknown>>> {
  const saved = await database.collection<SavedCheckpoint>("etl_state").find(checkpoints).toArray();
  return Object.fromEntries(saved.map(({ step, value }) => [step, JSON.parse(value)]));
}

export async function forgetCheckpoints({ database }: Store): Promise<void> {
  await database.collection<SavedCheckpoint>("etl_state").deleteMany(checkpoints);
}

/** Makes the checkpoints those of another server: as if the same one had been given other content. */
export async function moveCheckpoints({ database }: Store, from: Upstream, to: Upstream): Promise<void> {
  const state = database.collection<SavedCheckpoint>("etl_state");
  for (const { _id, value } of await state.find(checkpoints).toArray()) {
    await state.updateOne({ _id }, { $set: { value: renameOrigin(value, from, to) } });
  }
}

/** The same for the documents about API roots. */
export async function moveRoots({ database }: Store, from: Upstream, to: Upstream): Promise<void> {
  const roots = database.collection<StoredDocument>("collections");
  for (const root of await roots.find().toArray()) {
    await roots.deleteOne({ _id: root._id });
    await roots.insertOne({ ...root, _id: renameOrigin(root._id, from, to) });
  }
}

function renameOrigin(text: string, from: Upstream, to: Upstream): string {
  return text.replaceAll(new URL(from.taxiiUrl).origin, new URL(to.taxiiUrl).origin);
}

interface Upstream {
  readonly taxiiUrl: string;
}

/** Copies documents and checkpoints into an empty database. */
export async function copyInto(copy: Store, { database }: Store): Promise<Store> {
  for (const name of [...collections, "etl_state"]) {
    const documents = await database.collection(name).find().toArray();
    if (documents.length > 0) {
      await copy.database.collection(name).insertMany(documents);
    }
  }
  return copy;
}
