import { answerPage } from "./answer-page.js";
import { findReadableCollection } from "./find-collection.js";
import { objectNotFound } from "./objects.js";
import { paginate } from "./paginate.js";
import { parseFilter } from "./parse-filter.js";
import { selectObjects } from "./select-objects.js";
import type { ApiRoot } from "./taxii-catalog.js";
import type { TaxiiServer } from "./taxii-server.js";

/** TAXII 2.1 §5.8: all versions of one object. `match[version]` is no filter here. */
export function versions(
  server: TaxiiServer,
  root: ApiRoot,
  collectionId: string,
  objectId: string,
  query: URLSearchParams,
): Promise<Response> {
  const collection = findReadableCollection(server, root, collectionId);
  const stored = collection.objects.filter(({ id }) => id === objectId);
  if (stored.length === 0) {
    throw objectNotFound(collectionId, objectId);
  }
  const filter = parseFilter(query, server.behavior);
  const page = paginate(
    server,
    selectObjects(stored, { ...filter, versions: [server.behavior.onlyLastVersion ? "last" : "all"] }),
    query,
  );
  return answerPage(server, "versions", page, ({ version }) => Buffer.from(JSON.stringify(version)));
}
