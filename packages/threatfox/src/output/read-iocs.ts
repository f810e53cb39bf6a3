import type { StoreReader } from "@cti-connectors/core";
import { type StoredIoc, storedIoc } from "./stored-ioc.js";

/** Which stored IOCs to export. An absent field selects all. */
export interface IocSelection {
  /** New or changed at this time or later, by `ingested_at`. */
  readonly since?: Date;
  /** One of these ThreatFox `ioc_type`s. */
  readonly types?: readonly string[];
  /** 0 to 100. An IOC without a confidence is never selected. */
  readonly minConfidence?: number;
  /** One of these Malpedia keys, such as `win.cobalt_strike`. */
  readonly malware?: readonly string[];
}

/** The MongoDB filter of a selection. */
export function toMongoFilter({
  since,
  types,
  minConfidence,
  malware,
}: IocSelection): Readonly<Record<string, unknown>> {
  return {
    ...(since && { ingested_at: { $gte: since } }),
    ...(types && { "enriched.indicator.type": { $in: types } }),
    ...(minConfidence !== undefined && { "enriched.confidence": { $gte: minConfidence } }),
    ...(malware && { "enriched.malware": { $in: malware } }),
  };
}

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

/** Reads stored IOCs one after the other, in an order that depends only on the documents. */
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
