import type { TaxiiFilter, VersionSelection } from "../source/taxii-filter.js";

/** What a filter looks at. */
export interface SelectableObject {
  readonly id: string;
  readonly type: string;
  readonly specVersion: string;
  /** Its version as text that sorts by time, as `normalizeTimestamp` writes it. */
  readonly versionKey: string;
  /** The same of the date it was added. */
  readonly addedKey: string;
}

/** The objects that a filter lets through, in the given order. */
export function selectObjects<Listed extends SelectableObject>(
  objects: readonly Listed[],
  { addedAfter, ids, types, specVersions, versions }: TaxiiFilter,
): readonly Listed[] {
  const [wantedIds, wantedTypes] = [ids && new Set(ids), types && new Set(types)];
  const candidates = objects.filter(
    ({ id, type, specVersion, addedKey }) =>
      (wantedIds === undefined || wantedIds.has(id)) &&
      (wantedTypes === undefined || wantedTypes.has(type)) &&
      (specVersions === undefined || specVersions.includes(specVersion)) &&
      (addedAfter === undefined || addedKey > addedAfter),
  );
  return versions === "all" ? candidates : selectVersions(candidates, versions);
}

function selectVersions<Listed extends SelectableObject>(
  objects: readonly Listed[],
  wanted: VersionSelection,
): readonly Listed[] {
  const timestamps = new Set(wanted.timestamps);
  const ends = new Map<string, { first: Listed; last: Listed }>();
  for (const object of objects) {
    const end = ends.get(object.id);
    if (end === undefined) {
      ends.set(object.id, { first: object, last: object });
    } else if (object.versionKey >= end.last.versionKey) {
      end.last = object;
    } else if (object.versionKey < end.first.versionKey) {
      end.first = object;
    }
  }
  return objects.filter(
    (object) =>
      (wanted.first && ends.get(object.id)?.first === object) ||
      (wanted.last && ends.get(object.id)?.last === object) ||
      timestamps.has(object.versionKey),
  );
}
