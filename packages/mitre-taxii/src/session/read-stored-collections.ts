import type { StoreReader } from "@cti-connectors/core";
import { parseCollections, type TaxiiCollection } from "../taxii/collections.js";

/** The collections of an API root as they were stored; undefined where they were not. */
export async function readStoredCollections(
  store: StoreReader,
  apiRoot: string,
): Promise<readonly TaxiiCollection[] | undefined> {
  for await (const { data } of store.find("collections", { _id: apiRoot })) {
    return parseCollections(data);
  }
  return undefined;
}
