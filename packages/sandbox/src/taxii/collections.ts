import { TaxiiRefusal, taxiiContentType } from "./taxii-error.js";
import type { ApiRoot, ServedCollection, TaxiiServer } from "./taxii-server.js";

/** TAXII 2.1 §5.1. By the standard the list is absent where it would be empty. */
export function collections(server: TaxiiServer, root: ApiRoot): object {
  const list = root.collections.map((collection) => describe(server, collection));
  return list.length === 0 && server.flavor === "standard" ? {} : { collections: list };
}

/** TAXII 2.1 §5.2. */
export function collection(server: TaxiiServer, root: ApiRoot, id: string): object {
  return describe(server, findCollection(root, id));
}

function describe(server: TaxiiServer, { id, title, description }: ServedCollection): object {
  const canRead = !server.behavior.unreadable?.includes(id);
  const mediaTypes =
    server.flavor === "attack"
      ? [taxiiContentType, "application/taxii+json"]
      : ["application/stix+json;version=2.1"];
  const rights =
    server.behavior.collectionKeys === "camelCase"
      ? { canRead, canWrite: false, mediaTypes }
      : { can_read: canRead, can_write: false, media_types: mediaTypes };
  return { id, title, description, ...rights };
}

/** @throws TaxiiRefusal 404 */
function findCollection(root: ApiRoot, id: string): ServedCollection {
  const collection = root.collections.find((candidate) => candidate.id === id);
  if (collection !== undefined) {
    return collection;
  }
  throw new TaxiiRefusal({
    status: 404,
    title: "Collection Not Found",
    description: `This API root has no collection ${id}.`,
    errorCode: "collection-not-found",
  });
}

/**
 * The collection whose content is asked for. A pinned root of the ATT&CK server does not check the id here: a
 * collection that the release does not have is an empty one.
 *
 * @throws TaxiiRefusal 404, or 403 where the collection cannot be read
 */
export function findReadableCollection(server: TaxiiServer, root: ApiRoot, id: string): ServedCollection {
  const lenient = server.flavor === "attack" && root.release !== undefined;
  if (lenient && !root.collections.some((candidate) => candidate.id === id)) {
    return { id, title: id, objects: [] };
  }
  const collection = findCollection(root, id);
  if (server.behavior.unreadable?.includes(id)) {
    throw new TaxiiRefusal({
      status: 403,
      title: "Forbidden",
      description: `The content of collection ${id} cannot be read.`,
      errorCode: "forbidden",
    });
  }
  return collection;
}
