import type { Change } from "@cti-connectors/mitre-taxii";
import { formatCount } from "../text/format.js";
import type { CollectionNotes } from "./release-notes.js";

/** `T1059.001 PowerShell`; where there is neither, the STIX id. */
export function nameOfChanged({ attack_id, name, id }: Pick<Change, "attack_id" | "name" | "id">): string {
  return [attack_id, name ?? (attack_id === undefined ? id : undefined)]
    .filter((part) => part !== undefined)
    .join(" ");
}

/** A link to a page; nothing where an upstream sent any other, such as `javascript:`. */
export function linkOf(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) {
    return undefined;
  }
  const { protocol, href } = new URL(url);
  return protocol === "https:" || protocol === "http:" ? href : undefined;
}

/** `version 1.0 → 1.1`, or `version 1.0`. */
export function describeVersions({ attack_version, previous_attack_version }: Change): readonly string[] {
  if (attack_version === undefined) {
    return [];
  }
  const isNew = previous_attack_version !== undefined && previous_attack_version !== attack_version;
  return [`version ${isNew ? `${previous_attack_version} → ` : ""}${attack_version}`];
}

/** Remarks on a collection, above its changes. */
export function noteLines({
  notCompared,
  notStored,
  sameVersion,
  types,
}: CollectionNotes): readonly string[] {
  return [
    ...(notCompared === undefined
      ? types.length === 0
        ? ["Nothing changed."]
        : []
      : [`Not compared: ${notCompared}.`]),
    ...(notStored === 0
      ? []
      : [
          `${formatCount(notStored, "changed object")} not stored in both versions: names, classes and what changed may be missing.`,
        ]),
    ...(sameVersion === 0
      ? []
      : [`${formatCount(sameVersion, "object")} stored anew under the same version: not listed here.`]),
  ];
}
