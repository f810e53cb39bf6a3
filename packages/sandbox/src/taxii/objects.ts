import { answerPage } from "./answer-page.js";
import { findReadableCollection } from "./find-collection.js";
import { paginate } from "./paginate.js";
import { parseFilter } from "./parse-filter.js";
import { selectObjects } from "./select-objects.js";
import type { ApiRoot } from "./taxii-catalog.js";
import { TaxiiError } from "./taxii-error.js";
import type { TaxiiServer } from "./taxii-server.js";

/** TAXII 2.1 §5.4. */
export function objects(
  server: TaxiiServer,
  root: ApiRoot,
  collectionId: string,
  query: URLSearchParams,
): Promise<Response> {
  const collection = findReadableCollection(server, root, collectionId);
  const filter = parseFilter(query, server.behavior);
  const page = paginate(server, selectObjects(collection.objects, filter), query);
  return answerPage(server, "objects", page, ({ json }) => json);
}

/** TAXII 2.1 §5.6. */
export function object(
  server: TaxiiServer,
  root: ApiRoot,
  collectionId: string,
  objectId: string,
  query: URLSearchParams,
): Promise<Response> {
  const collection = findReadableCollection(server, root, collectionId);
  const versions = collection.objects.filter(({ id }) => id === objectId);
  if (versions.length === 0) {
    throw objectNotFound(collectionId, objectId);
  }
  const filter = parseFilter(query, server.behavior);
  const page = paginate(server, selectObjects(versions, filter), query);
  return answerPage(server, "objects", page, ({ json }) => json);
}

export function objectNotFound(collectionId: string, objectId: string): TaxiiError {
  return new TaxiiError({
    status: 404,
    title: "No Objects Found",
    description: `Collection ${collectionId} has no object ${objectId}.`,
    errorCode: "object-not-found",
  });
}
