import { gatewayPage } from "../http/gateway-page.js";
import { answerPage, type ListingRequest } from "./answer-page.js";
import { findReadableCollection } from "./collections.js";
import { parseFilter, selectObjects } from "./filter-objects.js";
import { TaxiiRefusal, taxiiContentType } from "./taxii-error.js";
import type { ApiRoot, ListedObject, TaxiiServer } from "./taxii-server.js";

/** What a request for the content of a collection names. */
export interface ContentRequest extends ListingRequest {
  readonly root: ApiRoot;
  readonly collectionId: string;
}

/** TAXII 2.1 §5.3. */
export async function manifest(request: ContentRequest): Promise<Response> {
  const { server, root, collectionId, query } = request;
  if (server.behavior.noManifest !== undefined) {
    return gatewayPage(server.behavior.noManifest);
  }
  const collection = findReadableCollection(server, root, collectionId);
  const filter = parseFilter(query, server.behavior);
  if (
    filter.addedAfter !== undefined &&
    server.flavor === "attack" &&
    server.behavior.manifestRefusesAddedAfter !== false
  ) {
    throw new TaxiiRefusal({
      status: 400,
      title: "Bad Request",
      description: `'${filter.addedAfter}' is not a valid date.`,
    });
  }
  return answerPage(request, "objects", selectObjects(collection.objects, filter), (listed) =>
    Buffer.from(JSON.stringify(manifestRecord(server, listed))),
  );
}

/** TAXII 2.1 §5.4. */
export function objects(request: ContentRequest): Promise<Response> {
  const { server, root, collectionId, query } = request;
  const collection = findReadableCollection(server, root, collectionId);
  const selected = selectObjects(collection.objects, parseFilter(query, server.behavior));
  return answerPage(request, "objects", selected, ({ json }) => json);
}

/** TAXII 2.1 §5.6. */
export function object(request: ContentRequest, objectId: string): Promise<Response> {
  const { server, query } = request;
  const stored = findVersions(request, objectId);
  const selected = selectObjects(stored, parseFilter(query, server.behavior));
  return answerPage(request, "objects", selected, ({ json }) => json);
}

/** TAXII 2.1 §5.8: all versions of one object. `match[version]` is no filter here. */
export function versions(request: ContentRequest, objectId: string): Promise<Response> {
  const { server, query } = request;
  const stored = findVersions(request, objectId);
  const filter = parseFilter(query, server.behavior);
  const selected = selectObjects(stored, {
    ...filter,
    versions: [server.behavior.onlyLastVersion ? "last" : "all"],
  });
  return answerPage(request, "versions", selected, ({ version }) => Buffer.from(JSON.stringify(version)));
}

/** @throws TaxiiRefusal 404 where there is no such object */
function findVersions(
  { server, root, collectionId }: ContentRequest,
  objectId: string,
): readonly ListedObject[] {
  const collection = findReadableCollection(server, root, collectionId);
  const found = collection.objects.filter(({ id }) => id === objectId);
  if (found.length === 0) {
    throw new TaxiiRefusal({
      status: 404,
      title: "No Objects Found",
      description: `Collection ${collectionId} has no object ${objectId}.`,
      errorCode: "object-not-found",
    });
  }
  return found;
}

function manifestRecord(server: TaxiiServer, { id, dateAdded, version }: ListedObject): object {
  return {
    id,
    date_added: server.behavior.dateAdded === "javascript" ? toJavascriptForm(dateAdded) : dateAdded,
    version,
    media_type: server.flavor === "attack" ? taxiiContentType : "application/stix+json;version=2.1",
  };
}

/** What `String(date)` gives on a server in UTC, whatever the zone of this machine. */
function toJavascriptForm(timestamp: string): string {
  const [day, date, month, year, time] = new Date(timestamp).toUTCString().replace(",", "").split(" ");
  return `${day} ${month} ${date} ${year} ${time} GMT+0000 (Coordinated Universal Time)`;
}
