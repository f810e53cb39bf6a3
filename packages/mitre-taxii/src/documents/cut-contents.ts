import type { StixObject } from "../taxii/stix-object.js";

/** An `x-mitre-collection` object with at most `max` entries in `x_mitre_contents`; `max` absent: the object itself. */
export function cutContents(object: StixObject, max: number | undefined): StixObject {
  const contents = object.x_mitre_contents;
  if (max === undefined || !Array.isArray(contents) || contents.length <= max) {
    return object;
  }
  return { ...object, x_mitre_contents: contents.slice(0, max) };
}
