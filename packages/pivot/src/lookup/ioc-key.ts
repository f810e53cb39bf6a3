import { foldName } from "@cti-connectors/core";
import type { AddressRange } from "@cti-connectors/threatfox";
import type { AttackObject } from "../documents/attack-object.js";
import type { FoundFamily } from "../links/find-families.js";
import type { Reading } from "../term/parse-term.js";

/** `domain` is a domain with everything below it; its value is reversed, such as `com.example.` */
export type ValueField = "id" | "value" | "host" | "domain" | "malware" | "folded_tags";

/** What IOCs have in common: a value in a field that has an index. */
export type IocKey =
  | { readonly field: ValueField; readonly value: string }
  | { readonly field: "network"; readonly value: string; readonly range: AddressRange };

/** A MongoDB filter that an index answers. */
type IocFilter = Readonly<Record<string, unknown>>;

/** What has the name or id that a reading is. */
export interface Named {
  readonly families: readonly FoundFamily[];
  readonly objects: readonly AttackObject[];
}

/**
 * Which IOCs a reading means. Those of a name or id are the IOCs of its families; a name that nothing has is taken for a tag.
 *
 * @param subdomains whether the IOCs below a domain belong to it
 */
export function iocKeysOf(reading: Reading, named: Named, subdomains: boolean): readonly IocKey[] {
  switch (reading.kind) {
    case "address":
      return [{ field: "host", value: reading.host }];
    case "network":
      return [{ field: "network", value: reading.value, range: reading.range }];
    case "domain":
      return [
        subdomains ? { field: "domain", value: reading.reversed } : { field: "host", value: reading.host },
      ];
    case "url":
    case "email":
      return [{ field: "value", value: reading.value }];
    case "hash":
      return reading.values.map((value) => ({ field: "value", value }));
    case "threatfox-id":
      return [{ field: "id", value: reading.id }];
    case "cve":
      return [{ field: "folded_tags", value: foldName(reading.id) }];
    case "malpedia-key":
      return [{ field: "malware", value: reading.key }];
    case "attack-id":
    case "stix-id":
      return keysOf(named);
    case "name":
      return named.families.length === 0 && named.objects.length === 0
        ? [{ field: "folded_tags", value: reading.folded }]
        : keysOf(named);
  }
}

function keysOf({ families }: Named): readonly IocKey[] {
  return families.map(({ malware }) => ({ field: "malware", value: malware }));
}

const paths = {
  id: "_id",
  value: "enriched.indicator.value",
  host: "enriched.indicator.host",
  domain: "enriched.indicator.reversed_domain",
  network: "enriched.indicator.address",
  malware: "enriched.malware",
  folded_tags: "enriched.folded_tags",
} as const satisfies Readonly<Record<IocKey["field"], string>>;

/** The IOCs that have a key. */
export function iocFilterOf(key: IocKey): IocFilter {
  switch (key.field) {
    case "network":
      return { [paths.network]: { $gte: key.range.from, $lte: key.range.to } };
    case "domain":
      return { [paths.domain]: { $gte: key.value, $lt: endOfDomain(key.value) } };
    default:
      return { [paths[key.field]]: key.value };
  }
}

/** The slash comes right after the dot, which ends a reversed domain. */
function endOfDomain(reversed: string): string {
  return `${reversed.slice(0, -1)}/`;
}

/**
 * The same as filters for a sort by `first_seen`. An index has the IOCs of a host in that order, but not those below a domain, so a domain
 * itself is asked for apart from what is below it.
 */
export function sortableFiltersOf(key: IocKey): readonly IocFilter[] {
  if (key.field !== "domain") {
    return [iocFilterOf(key)];
  }
  const [, ...labels] = key.value.split(".").reverse();
  return [
    iocFilterOf({ field: "host", value: labels.join(".") }),
    { [paths.domain]: { $gt: key.value, $lt: endOfDomain(key.value) } },
  ];
}

/** The IOCs that have any of some values in a field: of one at least. */
export function anyValueFilterOf(field: ValueField, values: readonly string[]): IocFilter {
  const [only = "", ...others] = values;
  if (others.length === 0) {
    return iocFilterOf({ field, value: only });
  }
  return field === "domain"
    ? { $or: values.map((value) => iocFilterOf({ field, value })) }
    : { [paths[field]]: { $in: values } };
}
