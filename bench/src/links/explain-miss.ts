import type { FamilyLinks, RejectionReason } from "@cti-connectors/pivot";
import type { DescribedSoftware, SimilarPair } from "./read-sources.js";

/** A pair and links that differ. */
export interface Miss {
  readonly pair: string;
  /** `refused`: something speaks against the pair. `not found`: no name leads there. `not in the list`: linked, but no pair. */
  readonly kind: "refused" | "not found" | "not in the list";
  readonly because: string;
  /** What ATT&CK says of the software, and of what is linked instead. */
  readonly facts: readonly string[];
}

/** What speaks against a pair, from what the rules saw. */
export function explainMiss(
  { malpedia, attack_id, software }: SimilarPair,
  found: FamilyLinks | undefined,
  described: readonly DescribedSoftware[],
): Miss {
  const pair = `${malpedia} ${attack_id} ${software}`;
  const ids = [attack_id, ...(found?.links ?? []).map((link) => link.attack_id)];
  const facts = ids.flatMap((id) => describe(id, described));
  const rejected = found?.rejected.find((one) => one.attack_id === attack_id);
  if (found === undefined || rejected === undefined) {
    return { pair, kind: "not found", because: "no name of the family is one of the software", facts };
  }
  const instead = found.links.map((link) => `${link.attack_id} ${link.name}`).join(", ");
  return {
    pair,
    kind: "refused",
    because: [
      `${reasons[rejected.reason]} (${rejected.names.join(", ")})`,
      ...(instead === "" ? [] : [`linked instead with ${instead}`]),
    ].join("; "),
    facts,
  };
}

/** Name, platforms and the first sentence of the description. */
export function describe(attackId: string, described: readonly DescribedSoftware[]): readonly string[] {
  return described
    .filter(({ attack_id }) => attack_id === attackId)
    .map(({ name, platforms, domains, description }) => {
      const places = [...new Set(platforms.length > 0 ? platforms : domains)].join(", ");
      const text = description
        .replaceAll(/\(Citation: [^)]*\)/g, "")
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
      const [first = ""] = text.split(/(?<=\.)\s/);
      return `${attackId} ${name} (${places}): ${first.trim()}`;
    });
}

const reasons: Readonly<Record<RejectionReason, string>> = {
  table: "the table refuses it",
  platforms: "ATT&CK's software runs on other platforms than the family",
  short_name: "the name is too short",
  generic_name: "the name is a generic word",
  name_of_several_software: "ATT&CK gives the name to several software",
  name_of_several_families: "several families have the name",
  several_software: "aliases of the family name several software",
  other_software: "ATT&CK tracks both apart, and the family's own name is that of the other",
  revoked: "it is revoked without a successor",
};
