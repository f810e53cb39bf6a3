import { foldName } from "@cti-connectors/core";
import { platformsOfKey, withoutPrefix } from "../documents/malpedia-key.js";
import type { MalwareFamily } from "../documents/stored-family.js";
import { contradict, withoutPlatform } from "./platforms.js";

/** A name of a family, folded, and how it is spelled. */
export interface FamilyName {
  readonly folded: string;
  readonly spelled: string;
  /** False for an alias, and for what the Malpedia key spells. */
  readonly isOwn: boolean;
}

/** What ThreatFox uses where it does not know the family: `unknown`, `unknown_loader`, `unknown_rat`. */
function isUnknown(malware: string): boolean {
  return /^unknown(?:_|$)/.test(malware);
}

/** The names of a family, each once: its own first, then its aliases and what its Malpedia key spells. None for an unknown family. */
export function namesOf({ malware, name, aliases }: MalwareFamily): readonly FamilyName[] {
  if (isUnknown(malware)) {
    return [];
  }
  const names = new Map<string, FamilyName>();
  for (const [index, spelled] of [name, ...aliases, malware].entries()) {
    const folded = foldName(withoutPlatform(withoutPrefix(spelled)));
    if (folded !== "" && !names.has(folded)) {
      names.set(folded, { folded, spelled, isOwn: index === 0 });
    }
  }
  return [...names.values()];
}

/** Families by their names. */
export interface FamilyIndex {
  /**
   * Whether another family on the same platforms has the name, too. Families that share two names are one malware under
   * two keys, and an alias belongs to the family that has it as its own name.
   */
  belongsToSeveral(family: MalwareFamily, name: FamilyName): boolean;
}

/** Reads the names of all families. */
export function indexFamilies(families: readonly MalwareFamily[]): FamilyIndex {
  const names = new Map(
    families.map((family) => [family, new Map(namesOf(family).map((name) => [name.folded, name]))]),
  );
  const owners = new Map<string, MalwareFamily[]>();
  for (const [family, own] of names) {
    for (const folded of own.keys()) {
      owners.set(folded, [...(owners.get(folded) ?? []), family]);
    }
  }
  const isSame = (one: MalwareFamily, other: MalwareFamily) => {
    const shared = [...(names.get(one)?.keys() ?? [])].filter((folded) => names.get(other)?.has(folded));
    return shared.length > 1;
  };
  return {
    belongsToSeveral: (family, { folded, isOwn }) =>
      (owners.get(folded) ?? []).some(
        (other) =>
          other.malware !== family.malware &&
          (!isOwn || names.get(other)?.get(folded)?.isOwn === true) &&
          !contradict(platformsOfKey(family.malware), platformsOfKey(other.malware)) &&
          !isSame(family, other),
      ),
  };
}
