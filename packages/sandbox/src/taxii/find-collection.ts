import type { ApiRoot, TaxiiCollection } from "./taxii-catalog.js";
import { TaxiiError } from "./taxii-error.js";
import type { TaxiiServer } from "./taxii-server.js";

/** @throws TaxiiError 404 */
export function findCollection(root: ApiRoot, id: string): TaxiiCollection {
  const collection = root.collections.find((candidate) => candidate.id === id);
  if (collection !== undefined) {
    return collection;
  }
  throw new TaxiiError({
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
 * @throws TaxiiError 404, or 403 where the collection cannot be read
 */
export function findReadableCollection(server: TaxiiServer, root: ApiRoot, id: string): TaxiiCollection {
  const lenient = server.flavor === "attack" && root.release !== undefined;
  if (lenient && !root.collections.some((candidate) => candidate.id === id)) {
    return { id, title: id, objects: [] };
  }
  const collection = findCollection(root, id);
  if (server.behavior.unreadable?.includes(id)) {
    throw new TaxiiError({
      status: 403,
      title: "Forbidden",
      description: `The content of collection ${id} cannot be read.`,
      errorCode: "forbidden",
    });
  }
  return collection;
}
