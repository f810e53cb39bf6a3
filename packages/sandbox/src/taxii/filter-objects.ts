import { toMicroseconds } from "../stix/timestamp.js";
import type { IgnorableParameter, TaxiiBehavior } from "./taxii-behavior.js";
import { badRequest } from "./taxii-error.js";
import type { ListedObject } from "./taxii-server.js";

/** What a request asks for (TAXII 2.1 §3.4). Values of one field are alternatives, fields are conditions. */
export interface TaxiiFilter {
  readonly addedAfter?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly types?: readonly string[] | undefined;
  readonly specVersions?: readonly string[] | undefined;
  /** `all`, `first`, `last`, timestamps. */
  readonly versions?: readonly string[] | undefined;
}

const fields = ["id", "type", "version", "spec_version"] as const;

/**
 * @throws TaxiiRefusal 400 where a parameter is unknown, given twice, or no timestamp
 */
export function parseFilter(
  query: URLSearchParams,
  { ignore, onlyLastVersion = false }: TaxiiBehavior,
): TaxiiFilter {
  const ignored: ReadonlySet<IgnorableParameter> = new Set(ignore);
  const match = new Map<string, readonly string[]>();
  for (const key of new Set(query.keys())) {
    const field = /^match\[(\w+)\]$/.exec(key)?.[1];
    if (field === undefined) {
      continue;
    }
    const known = fields.find((name) => name === field);
    if (known === undefined) {
      throw badRequest(`Invalid match field: "${field}"`);
    }
    if (query.getAll(key).length > 1) {
      throw badRequest(`match[${field}] must not occur more than once`);
    }
    if (ignored.has(`match[${known}]`)) {
      continue;
    }
    const values = (query.get(key) ?? "").split(",").flatMap((value) => value.trim() || []);
    if (values.length > 0) {
      match.set(field, values);
    }
  }
  const versions = match.get("version");
  if (versions !== undefined) {
    checkVersions(versions);
  }
  if (onlyLastVersion && versions?.some((version) => version !== "last")) {
    throw badRequest('match[version]: this server knows only "last"');
  }

  const addedAfter = ignored.has("added_after") ? null : query.get("added_after");
  if (addedAfter !== null && Number.isNaN(toMicroseconds(addedAfter))) {
    throw badRequest(`added_after is not a timestamp: "${addedAfter}"`);
  }
  return {
    addedAfter: addedAfter ?? undefined,
    ids: match.get("id"),
    types: match.get("type"),
    specVersions: match.get("spec_version"),
    versions,
  };
}

function checkVersions(versions: readonly string[]): void {
  if (versions.includes("all") && versions.length > 1) {
    throw badRequest('match[version]: "all" cannot be combined with other values');
  }
  for (const version of versions) {
    if (["all", "first", "last"].includes(version)) {
      continue;
    }
    if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/.test(version)) {
      throw badRequest(`match[version] is neither all, first, last nor a timestamp: "${version}"`);
    }
  }
}

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
