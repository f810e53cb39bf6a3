import type { StoreReader } from "@cti-connectors/core";
import { type IocSelection, toMongoFilter } from "./ioc-selection.js";
import { type StoredIoc, storedIoc } from "./stored-ioc.js";

export interface ReadIocsOptions {
  readonly reader: Pick<StoreReader, "find">;
  /** `COLLECTION_NAME`. */
  readonly collection: string;
  readonly selection?: IocSelection;
  /** A field path whose values come in ascending order. Default `_id`. */
  readonly orderBy?: string;
  /** Called for a document that no run of this version has written. */
  readonly onUnreadable?: (id: unknown) => void;
}

/** Reads stored IOCs one after the other, in an order that depends on nothing but the documents. */
export async function* readIocs({
  reader,
  collection,
  selection = {},
  orderBy = "_id",
  onUnreadable,
}: ReadIocsOptions): AsyncGenerator<StoredIoc, void, undefined> {
  const documents = reader.find(collection, toMongoFilter(selection), {
    projection: { enriched: 1, first_ingested_at: 1, ingested_at: 1 },
    sort: { [orderBy]: 1 },
  });
  for await (const document of documents) {
    const ioc = storedIoc.safeParse(document);
    if (ioc.success) {
      yield ioc.data;
    } else {
      onUnreadable?.(document._id);
    }
  }
}
