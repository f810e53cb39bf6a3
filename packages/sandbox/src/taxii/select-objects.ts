import { toMicroseconds } from "../stix/timestamp.js";
import type { TaxiiFilter } from "./parse-filter.js";
import type { ListedObject } from "./taxii-catalog.js";

/** The objects that a filter lets through, in the given order. Without `versions`, of each object the last. */
export function selectObjects(
  objects: readonly ListedObject[],
  filter: TaxiiFilter,
): readonly ListedObject[] {
  const ids = filter.ids && new Set(filter.ids);
  const types = filter.types && new Set(filter.types);
  const after = filter.addedAfter === undefined ? undefined : toMicroseconds(filter.addedAfter);
  const candidates = objects.filter(
    (object) =>
      (ids === undefined || ids.has(object.id)) &&
      (types === undefined || types.has(object.type)) &&
      (filter.specVersions === undefined || filter.specVersions.includes(object.specVersion)) &&
      (after === undefined || object.addedMicros > after),
  );
  return selectVersions(candidates, filter.versions ?? ["last"]);
}

function selectVersions(
  objects: readonly ListedObject[],
  wanted: readonly string[],
): readonly ListedObject[] {
  if (wanted.includes("all")) {
    return objects;
  }
  const timestamps = new Set(wanted.map(toMicroseconds));
  const ends = new Map<string, { first: ListedObject; last: ListedObject }>();
  for (const object of objects) {
    const end = ends.get(object.id);
    if (end === undefined) {
      ends.set(object.id, { first: object, last: object });
    } else if (toMicroseconds(object.version) >= toMicroseconds(end.last.version)) {
      end.last = object;
    } else if (toMicroseconds(object.version) < toMicroseconds(end.first.version)) {
      end.first = object;
    }
  }
  return objects.filter(
    (object) =>
      (wanted.includes("first") && ends.get(object.id)?.first === object) ||
      (wanted.includes("last") && ends.get(object.id)?.last === object) ||
      timestamps.has(toMicroseconds(object.version)),
  );
}
