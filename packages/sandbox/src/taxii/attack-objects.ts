import {
  badRequest,
  parseFilter,
  selectObjects,
  TaxiiRefusal,
  taxiiContentType,
} from "@cti-connectors/taxii-server";
import { answerAttackPage, type ListForm, type ListingRequest } from "./answer-attack-page.js";
import type { AttackRoot, ServedObject } from "./attack-server.js";
import { findContent } from "./collections.js";

/** What a request for the content of a collection names. */
export interface ContentRequest extends ListingRequest {
  readonly root: AttackRoot;
  readonly collectionId: string;
}

/** TAXII 2.1 §5.3. */
export async function manifest(request: ContentRequest): Promise<Response> {
  const { server, root, collectionId, query } = request;
  const collection = findContent(server, root, collectionId);
  const filter = parseFilter(query);
  if (filter.addedAfter !== undefined && server.behavior.manifestRefusesAddedAfter !== false) {
    throw badRequest(`'${query.get("added_after")}' is not a valid date.`);
  }
  return answerAttackPage(request, selectObjects(collection.objects, filter), {
    ...objectList,
    toJson: ({ id, dateAdded, version }) =>
      toBuffer({ id, date_added: dateAdded, version, media_type: taxiiContentType }),
  });
}

/** TAXII 2.1 §5.4. */
export async function objects(request: ContentRequest): Promise<Response> {
  const { server, root, collectionId, query } = request;
  const collection = findContent(server, root, collectionId);
  return answerAttackPage(request, selectObjects(collection.objects, parseFilter(query)), objectList);
}

/** TAXII 2.1 §5.6. */
export async function object(request: ContentRequest, objectId: string): Promise<Response> {
  const stored = findVersions(request, objectId);
  return answerAttackPage(request, selectObjects(stored, parseFilter(request.query)), objectList);
}

/** TAXII 2.1 §5.8: all versions of one object. `match[version]` is no filter here. The server takes the version for the date. */
export async function versions(request: ContentRequest, objectId: string): Promise<Response> {
  const stored = findVersions(request, objectId);
  const filter = parseFilter(request.query);
  const { onlyLastVersion = false } = request.server.behavior;
  const selected = selectObjects(stored, onlyLastVersion ? filter : { ...filter, versions: "all" });
  return answerAttackPage(request, selected, {
    key: "versions",
    date: ({ versionKey }) => versionKey,
    toJson: ({ version }) => toBuffer(version),
  });
}

const objectList: ListForm = {
  key: "objects",
  date: ({ addedKey }) => addedKey,
  toJson: ({ json }) => json,
};

function toBuffer(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** @throws TaxiiRefusal 404 where there is no such object */
function findVersions(
  { server, root, collectionId }: ContentRequest,
  objectId: string,
): readonly ServedObject[] {
  const collection = findContent(server, root, collectionId);
  const found = collection.objects.filter(({ id }) => id === objectId);
  if (found.length === 0) {
    throw new TaxiiRefusal({
      status: 404,
      title: "No Objects Found",
      description: `Collection ${collectionId} has no object ${objectId}.`,
    });
  }
  return found;
}
