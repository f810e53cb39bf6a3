import type { StixObject } from "../taxii/stix-object.js";

/** The version of an object that has neither `modified` nor `created`, such as a STIX observable. */
export const unversioned = "unversioned";

/** What TAXII calls the version of a STIX object: `modified`, or `created` where there is none. */
export function versionOf(object: StixObject): string {
  const { modified, created } = object;
  if (typeof modified === "string" && modified !== "") {
    return modified;
  }
  if (typeof created === "string" && created !== "") {
    return created;
  }
  return unversioned;
}

/** The `_id` of a `versions` document. */
export function objectDocumentId(collectionId: string, objectId: string): string {
  return `${collectionId}/${objectId}`;
}

/** The `_id` of a `manifest` or `objects` document. */
export function versionDocumentId(collectionId: string, objectId: string, version: string): string {
  return `${collectionId}/${objectId}/${version}`;
}

/** Object id and version out of the `_id` of a `manifest` or `objects` document of this collection. */
export function parseVersionDocumentId(
  collectionId: string,
  id: string,
): { readonly objectId: string; readonly version: string } | undefined {
  const end = id.indexOf("/", collectionId.length + 1);
  if (!id.startsWith(`${collectionId}/`) || end === -1) {
    return undefined;
  }
  return { objectId: id.slice(collectionId.length + 1, end), version: id.slice(end + 1) };
}

/** `attack-pattern` of `attack-pattern--7385dfaf-…` (STIX 2.1, section 2.9). */
export function typeOfStixId(id: string): string | undefined {
  const end = id.indexOf("--");
  return end > 0 ? id.slice(0, end) : undefined;
}
