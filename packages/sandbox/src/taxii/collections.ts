import { forbidden, notFound, TaxiiRefusal, taxiiContentType } from "@cti-connectors/taxii-server";
import type { AttackRoot, AttackServer, ServedCollection } from "./attack-server.js";

/** TAXII 2.1 §5.1. */
export function collections(server: AttackServer, root: AttackRoot): object {
  return { collections: root.collections.map((collection) => describe(server, collection)) };
}

/** TAXII 2.1 §5.2. */
export function collection(server: AttackServer, root: AttackRoot, id: string): object {
  return describe(server, findCollection(root, id));
}

function describe({ behavior }: AttackServer, { id, title, description }: ServedCollection): object {
  return {
    id,
    title,
    description,
    can_read: !behavior.unreadable?.includes(id),
    can_write: false,
    media_types: [taxiiContentType, "application/taxii+json"],
  };
}

/** @throws TaxiiRefusal 404 */
function findCollection(root: AttackRoot, id: string): ServedCollection {
  const found = root.collections.find((candidate) => candidate.id === id);
  if (found !== undefined) {
    return found;
  }
  const { answer } = notFound(`This API root has no collection ${id}.`);
  throw new TaxiiRefusal({ ...answer, title: "Collection Not Found" });
}

/**
 * The collection whose content is asked for. A pinned root does not check the id here: a collection that the release
 * does not have is an empty one.
 *
 * @throws TaxiiRefusal 404, or 403 where the collection cannot be read
 */
export function findContent({ behavior }: AttackServer, root: AttackRoot, id: string): ServedCollection {
  if (root.release !== undefined && !root.collections.some((candidate) => candidate.id === id)) {
    return { id, title: id, objects: [] };
  }
  const found = findCollection(root, id);
  if (behavior.unreadable?.includes(id)) {
    throw forbidden(`The content of collection ${id} cannot be read.`);
  }
  return found;
}
