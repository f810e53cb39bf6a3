import { findCollection } from "./find-collection.js";
import type { ApiRoot, TaxiiCollection } from "./taxii-catalog.js";
import { taxiiMediaType } from "./taxii-error.js";
import type { TaxiiServer } from "./taxii-server.js";

/** TAXII 2.1 §5.1. By the standard the list is absent where it would be empty. */
export function collections(server: TaxiiServer, root: ApiRoot): object {
  const list = root.collections.map((collection) => describe(server, collection));
  return list.length === 0 && server.flavor === "standard" ? {} : { collections: list };
}

/** TAXII 2.1 §5.2. */
export function collection(server: TaxiiServer, root: ApiRoot, id: string): object {
  return describe(server, findCollection(root, id));
}

function describe(server: TaxiiServer, { id, title, description }: TaxiiCollection): object {
  const canRead = !server.behavior.unreadable?.includes(id);
  const mediaTypes =
    server.flavor === "attack"
      ? [taxiiMediaType, "application/taxii+json"]
      : ["application/stix+json;version=2.1"];
  const rights =
    server.behavior.collectionKeys === "camelCase"
      ? { canRead, canWrite: false, mediaTypes }
      : { can_read: canRead, can_write: false, media_types: mediaTypes };
  return { id, title, description, ...rights };
}
